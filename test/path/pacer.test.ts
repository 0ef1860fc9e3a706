/** Video leaves at the uplink's pace, in turns; audio does not wait. */
import test from 'ava';
import { Pace } from '../../infra/path/pace/pace.ts';
import { MOST_WAIT_MS, MOST_WAITING, Pacer } from '../../infra/path/pace/pacer.ts';
import { Turns } from '../../infra/path/pace/turns.ts';
import { PathState } from '../../infra/path/state.ts';
import { KINDS, LOOPBACK, PathUnderTest, PlainPeer, routeOf, rtpPacket, until } from './rig.ts';

const SLIDES = 1;
const CAMERA = 2;
const VOICE = 3;
const RECEIVERS = [1, 2, 3].map((port) => ({ host: LOOPBACK, port }));
const BYTES = 1000;
/** A packet to all receivers takes this long, in ms. */
const PACKET_MS = 10;
const RATE_BPS = (8 * BYTES * RECEIVERS.length * 1000) / PACKET_MS;

/** A pacer with a clock of its own, and what has left, as `SSRC:sequence@ms`. */
function paced(rateBps = RATE_BPS) {
  const state = new PathState();
  const route = (ssrc: number, media: 'audio' | 'video') => routeOf(ssrc, null, RECEIVERS, { media });
  state.setTable({ routes: [route(SLIDES, 'video'), route(CAMERA, 'video'), route(VOICE, 'audio')], sinks: [] });
  const pace = new Pace();
  pace.rateBps = rateBps;
  const left: string[] = [];
  const clock = { nowMs: 0, full: false };
  const timers: { readonly go: () => void; readonly atMs: number }[] = [];
  let dropped = 0;
  const pacer = new Pacer({
    pace,
    now: () => clock.nowMs,
    compiled: () => state.compiled,
    send: (packet) => {
      if (clock.full) return false;
      const view = Buffer.from(packet);
      left.push(`${view.readUInt32BE(8)}:${view.readUInt16BE(2)}@${Math.round(clock.nowMs)}`);
      return true;
    },
    dropped: (copies) => {
      dropped += copies;
    },
    wake: (go, ms) => {
      timers.push({ go, atMs: clock.nowMs + ms });
      return () => timers.splice(0);
    },
  });
  const offer = (ssrc: number, sequence: number, payload = BYTES - 12) => {
    const stream = state.compiled.streams.get(ssrc);
    if (stream !== undefined) pacer.offer(rtpPacket({ ssrc, sequence, payload }), stream, false);
  };
  const run = (untilMs: number) => {
    while ((timers[0]?.atMs ?? Number.POSITIVE_INFINITY) <= untilMs) {
      const due = timers.shift();
      clock.nowMs = due?.atMs ?? untilMs;
      due?.go();
    }
    clock.nowMs = untilMs;
  };
  return { offer, run, left, clock, pacer, state, dropped: () => dropped };
}

test('what waits is a copy: whoever offers it may use its memory anew at once', (t) => {
  const { pacer, state, run, left } = paced();
  const stream = state.compiled.streams.get(SLIDES);
  if (stream === undefined) return t.fail('the stream has a route');
  const memory = rtpPacket({ ssrc: SLIDES, sequence: 1, payload: BYTES - 12 });
  for (let sequence = 1; sequence <= 3; sequence++) {
    memory.writeUInt16BE(sequence, 2);
    pacer.offer(memory, stream, false);
  }
  run(3 * PACKET_MS);
  t.deepEqual(
    left.map((one) => one.split('@')[0]),
    ['1:1', '1:2', '1:3'],
  );
});

test('a key frame leaves at the pace, all of it, in order', (t) => {
  const { offer, run, left, dropped } = paced();
  for (let sequence = 0; sequence < 60; sequence += 1) offer(SLIDES, sequence);
  run(1000);
  const parts = left.map((text) => text.split(/[:@]/).map(Number));
  t.deepEqual(
    parts.map(([, sequence]) => sequence),
    Array.from({ length: 60 }, (_, sequence) => sequence),
  );
  for (const [, sequence = 0, atMs = 0] of parts)
    t.true(Math.abs(atMs - sequence * PACKET_MS) <= PACKET_MS, `${sequence} at ${atMs}`);
  t.is(dropped(), 0);
});

test('in no second more than its pace leaves, but for the slack and a packet, however much has waited', (t) => {
  const { offer, run, left } = paced();
  run(1000);
  for (let sequence = 0; sequence < 150; sequence += 1) offer(SLIDES, sequence);
  run(3000);
  const times = left.map((text) => Number(text.split('@')[1]));
  const busiest = Math.max(...times.map((from) => times.filter((ms) => ms >= from && ms < from + 1000).length));
  t.true(busiest <= 1000 / PACKET_MS + 2, `${busiest} packets in a second`);
});

test('a small frame leaves at once, and one of another stream does not wait for a large one to end', (t) => {
  const { offer, run, left } = paced();
  offer(CAMERA, 1, 100);
  t.deepEqual(left, ['2:1@0']);
  for (let sequence = 0; sequence < 50; sequence += 1) offer(SLIDES, sequence);
  offer(CAMERA, 2);
  offer(CAMERA, 3);
  run(5 * PACKET_MS);
  t.true(left.some((text) => text.startsWith('2:2')));
  t.true(left.some((text) => text.startsWith('2:3')));
});

test('audio never waits, and counts', (t) => {
  const { offer, run, left } = paced();
  for (let sequence = 0; sequence < 20; sequence += 1) offer(SLIDES, sequence);
  run(3);
  offer(VOICE, 1);
  t.is(left.at(-1), '3:1@3');
  run(19 * PACKET_MS);
  t.false(left.some((text) => text.startsWith(`1:19`)));
  run(25 * PACKET_MS);
  t.true(left.some((text) => text.startsWith(`1:19`)));
});

test('a full send buffer is a wait, not a loss', (t) => {
  const { offer, run, left, clock, dropped } = paced(0);
  clock.full = true;
  for (let sequence = 0; sequence < 5; sequence += 1) offer(SLIDES, sequence);
  run(50);
  t.deepEqual(left, []);
  clock.full = false;
  run(60);
  t.is(left.length, 5);
  t.is(dropped(), 0);
});

test('what would wait for too long is dropped here, and counted', (t) => {
  const { offer, run, left, dropped } = paced();
  const offered = 300;
  for (let sequence = 0; sequence < offered; sequence += 1) offer(SLIDES, sequence);
  run(5000);
  t.true(
    left.length >= MOST_WAIT_MS / PACKET_MS - 1 && left.length <= MOST_WAIT_MS / PACKET_MS + 3,
    `${left.length} left`,
  );
  t.is(dropped(), (offered - left.length) * RECEIVERS.length);
});

test('what waits for a stream that has gone is forgotten', (t) => {
  const { offer, run, left, state } = paced();
  for (let sequence = 0; sequence < 10; sequence += 1) offer(SLIDES, sequence);
  state.setTable({ routes: [], sinks: [] });
  run(1000);
  t.true(left.length <= 1);
});

test('who fills the store loses what is too much, and others do not', (t) => {
  const { offer, run, left, dropped } = paced();
  for (let sequence = 0; sequence < MOST_WAITING + 100; sequence += 1) offer(SLIDES, sequence, 20);
  const before = dropped();
  t.true(before > 0);
  for (let sequence = 0; sequence < 50; sequence += 1) offer(CAMERA, sequence);
  run(2000);
  t.is(left.filter((text) => text.startsWith('2:')).length, 50);
});

test('turns go round, and what one adds stays in order', (t) => {
  const turns = new Turns<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) turns.add(item.charCodeAt(0), item);
  const order: (string | undefined)[] = [];
  while (turns.size > 0) {
    const first = turns.first();
    t.is(turns.take(), first);
    order.push(first);
  }
  t.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  t.is(turns.take(), undefined);
});

for (const kind of KINDS) {
  test(`${kind}: a burst to forward leaves at the relay's pace, whole and in order`, async (t) => {
    await using upstream = await PlainPeer.open();
    await using receiver = await PlainPeer.open();
    await using relay = await PathUnderTest.open(kind);
    relay.path.setPace(2_000_000);
    relay.path.setTable({ routes: [routeOf(SLIDES, upstream.address, [receiver.address])], sinks: [] });
    const burst = Array.from({ length: 60 }, (_, sequence) => rtpPacket({ ssrc: SLIDES, sequence, payload: 1188 }));
    const startedAt = performance.now();
    await upstream.send(relay.path.bound, ...burst);
    t.deepEqual(await receiver.take(burst.length), burst);
    // 576 kbit at 2 Mbit/s are 288 ms, less the slack.
    t.true(performance.now() - startedAt >= 250);
    await until(() => relay.path.counters().forwardedPackets === burst.length);
    t.is(relay.path.counters().dropped.sendBufferFull, 0);
  });
}
