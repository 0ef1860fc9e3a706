/** Packets that are sent again take what nothing else uses of the upload, and the oldest go first. */
import test from 'ava';
import { type Again, ResendQueue } from '../../actors/media/repair/resend-queue.ts';
import { Pace } from '../../infra/path/pace/pace.ts';
import { VirtualClock } from './virtual-clock.ts';

const SSRC = 7;
const PACKET_BITS = 8 * 1200;
const B = { host: '127.0.0.1', port: 5002 };
const C = { host: '127.0.0.1', port: 5004 };

function open(bitsOf: (packet: Again) => number = () => PACKET_BITS) {
  const clock = new VirtualClock(5_000.25);
  const sent: { readonly atMs: number; readonly packet: Again }[] = [];
  let sentBits = 0;
  const queue = new ResendQueue({
    clock,
    sentBits: () => sentBits,
    newWaitedMs: () => 0,
    send: (packet) => {
      const bits = bitsOf(packet);
      if (bits > 0) sent.push({ atMs: clock.now(), packet });
      sentBits += bits;
      return bits;
    },
  });
  const sendOther = (bits: number) => {
    sentBits += bits;
  };
  return { clock, sent, queue, sendOther };
}

const packets = (from: number, count: number, to = B): Again[] =>
  Array.from({ length: count }, (_, index) => ({ ssrc: SSRC, sequence: (from + index) & 0xffff, to }));

test('what is sent again is spread: no stretch of time holds more than its share and two packets', (t) => {
  const { clock, sent, queue } = open();
  queue.limit(500_000);
  queue.add(packets(65_530, 30));
  queue.add(packets(65_530, 10, C));
  clock.advance(1000);
  t.is(sent.length, 40);
  for (const [first, { atMs: fromMs }] of sent.entries()) {
    for (const [index, { atMs: toMs }] of sent.entries()) {
      if (index < first) continue;
      const bits = (index - first + 1) * PACKET_BITS;
      t.true(bits <= (500_000 * (toMs - fromMs)) / 1000 + 2 * PACKET_BITS, `${bits} bit in ${toMs - fromMs} ms`);
    }
  }
});

test('it takes no longer than the limit asks for', (t) => {
  const { clock, sent, queue } = open();
  queue.limit(2_000_000);
  queue.add(packets(0, 50));
  clock.advance((50 * PACKET_BITS) / 2000 + 1);
  t.is(sent.length, 50);
});

test('the oldest go first, across orders and the wrap of sequence numbers, and none goes twice to one hop', (t) => {
  const { clock, sent, queue } = open();
  queue.limit(1_000_000);
  queue.add(packets(0, 2));
  queue.add(packets(65_534, 4, C));
  queue.add(packets(65_534, 4, C));
  clock.advance(1000);
  t.deepEqual(
    sent.map(({ packet }) => [packet.sequence, packet.to]),
    [
      [0, B],
      [65_534, C],
      [65_535, C],
      [0, C],
      [1, B],
      [1, C],
    ],
  );
});

test('with nothing to spare it waits, and goes on within the limit that there is then', (t) => {
  const { clock, sent, queue } = open();
  queue.add(packets(0, 3));
  clock.advance(100);
  t.is(sent.length, 0);
  queue.limit(1000);
  clock.advance(10);
  t.is(sent.length, 1);
  // At 1 kbit/s the next one would be due in ten seconds.
  queue.limit(960_000);
  clock.advance(25);
  t.is(sent.length, 3);
});

test('what waited for a second is given up, and what is no longer stored takes no time', (t) => {
  const { clock, sent, queue } = open(({ sequence }) => (sequence < 100 ? 0 : PACKET_BITS));
  queue.add(packets(200, 2));
  clock.advance(1000);
  queue.add(packets(90, 11));
  queue.limit(960_000);
  clock.advance(1);
  t.deepEqual(
    sent.map(({ packet }) => packet.sequence),
    [100],
  );
});

test('a stall is not made up for', (t) => {
  const { clock, sent, queue } = open();
  queue.limit(1_000_000);
  queue.add(packets(0, 100));
  clock.advance(50);
  const before = sent.length;
  clock.stall(300);
  clock.advance(0);
  t.true(sent.length - before <= 3, `${sent.length - before} packets at once`);
});

test('one that is stopped sends no more', (t) => {
  const { clock, sent, queue } = open();
  queue.limit(1_000_000);
  queue.add(packets(0, 10));
  queue.stop();
  clock.advance(1000);
  t.is(sent.length, 1);
});

test('what else is sent comes first: together they stay within the limit', (t) => {
  const { clock, sent, queue, sendOther } = open();
  queue.limit(1_000_000);
  queue.add(packets(0, 100));
  for (let ms = 0; ms < 500; ms += 10) {
    sendOther(6000);
    clock.advance(10);
  }
  const bits = sent.length * PACKET_BITS;
  t.true(bits <= 200_000 + 2 * PACKET_BITS, `${bits} bit of the 200,000 that were left`);
  t.true(bits >= 200_000 - 2 * PACKET_BITS, `${bits} bit of the 200,000 that were left`);
});

test('after a burst of anything else nothing is sent again until an uplink of the limit would have sent that', (t) => {
  const { clock, sent, queue, sendOther } = open();
  queue.limit(1_000_000);
  clock.advance(5_000);
  queue.observe();
  sendOther(100_000);
  clock.advance(20);
  queue.observe();
  queue.add(packets(0, 10));
  clock.advance(60);
  t.is(sent.length, 0);
  clock.advance(15);
  t.is(sent.length, 1);
});

test('what was asked for goes past a burst of what is new, as far as a twentieth of the limit reaches; what was not does not', (t) => {
  const { clock, sent, queue, sendOther } = open();
  queue.limit(2_000_000);
  clock.advance(1000);
  sendOther(10_000_000);
  queue.add(packets(0, 5));
  clock.advance(100);
  t.is(sent.length, 0);
  clock.advance(1000);
  queue.add(packets(100, 100).map((packet) => ({ ...packet, asked: 'video' })));
  // Half a second of it at once, and then by the second.
  t.is(sent.length, Math.floor((0.5 * 100_000) / PACKET_BITS));
  clock.advance(500);
  const share = sent.length * PACKET_BITS;
  t.true(share <= 100_000 && share > 85_000, `${share}`);
});

test('words that were asked for go before pictures, and take no more of the share than they are', (t) => {
  const { clock, sent, queue, sendOther } = open();
  queue.limit(2_000_000);
  clock.advance(1000);
  sendOther(10_000_000);
  queue.add(packets(100, 100).map((packet) => ({ ...packet, asked: 'video' })));
  const pictures = sent.length;
  const words = packets(200, 20).map((packet) => ({ ...packet, ssrc: SSRC + 1, asked: 'audio' as const }));
  queue.add(words);
  clock.advance(350);
  const later = sent.slice(pictures).map(({ packet }) => packet.ssrc);
  t.deepEqual(
    later.slice(0, words.length),
    words.map(({ ssrc }) => ssrc),
  );
});

/** A line that carries little more than what is new, and 60 packets that are to be sent again after 100 ms. */
function playNarrow(isAhead: boolean) {
  const clock = new VirtualClock();
  const bits = 8 * 1058;
  const pace = new Pace();
  pace.rateBps = 934_000;
  const waitingSinceMs: number[] = [];
  const againAtMs: number[] = [];
  let [sentBits, longestMs] = [0, 0];
  const spend = () => {
    pace.spend(bits / 8, clock.now());
    sentBits += bits;
  };
  const queue = new ResendQueue({
    ...{ clock, sentBits: () => sentBits, newWaitedMs: () => clock.now() - (waitingSinceMs[0] ?? clock.now()) },
    send: () => {
      spend();
      againAtMs.push(clock.now() - 100);
      return bits;
    },
  });
  // As a pacer does, with timers that are late.
  const sendNew = () => {
    for (let [since] = waitingSinceMs; since !== undefined && pace.waitMs(clock.now()) <= 0; [since] = waitingSinceMs) {
      waitingSinceMs.shift();
      spend();
      longestMs = Math.max(longestMs, clock.now() - since);
    }
    if (waitingSinceMs.length > 0) clock.after(Math.max(2, Math.ceil(pace.waitMs(clock.now())) + 1), sendNew);
  };
  const take = () => {
    waitingSinceMs.push(clock.now());
    if (waitingSinceMs.length === 1) sendNew();
    clock.after(17, take);
  };
  queue.limit(902_000);
  take();
  clock.advance(100);
  queue.add(packets(0, 60).map((packet) => ({ ...packet, isAhead })));
  clock.advance(1000);
  return { againAtMs, longestMs };
}

test('what is new does not wait until all is sent again, where both have just the line', (t) => {
  const { againAtMs, longestMs } = playNarrow(false);
  t.true(longestMs <= 25, `${longestMs}`);
  t.true(againAtMs.length >= 30, `${againAtMs.length}`);
});

test('what a dead relay swallowed does not wait for what is new, until that has waited for a tenth of a second', (t) => {
  const { againAtMs, longestMs } = playNarrow(true);
  t.true((againAtMs[9] ?? Infinity) <= 100, `${againAtMs[9]}`);
  t.true((playNarrow(false).againAtMs[9] ?? 0) > 150);
  t.true(longestMs <= 125, `${longestMs}`);
});
