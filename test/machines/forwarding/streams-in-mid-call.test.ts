/** A screen that is shown for a while, and again: agreements, tables and what is told follow, and nothing else is disturbed. */
import test from 'ava';
import type { StreamInfo } from '../../../machines/messages.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { member, RATE_BPS, stream, VOICE_BPS, voice } from '../members.ts';
import { Room } from '../room.ts';

const LATENCY_MS = 20;
const SETTLED_MS = 2000;
const HEADROOM = 0.95;
const SCREEN = 4242;
const SCREEN_AGAIN = 4243;

const screen = (ssrc: number): StreamInfo => stream('A', { name: 'screen', ssrc });

/** Upload for so many copies of a camera. */
function speaker(id: string, epoch: number, copies: number) {
  const usableBps = copies * RATE_BPS;
  return member(id, { epoch, streams: [voice(id)], uploadBps: usableBps / HEADROOM, usableBps, lendBps: usableBps });
}

/** A can send its screen once, and its voice to all; B has upload to spare. */
function room(): Room {
  const of = new Room({ delayMs: () => LATENCY_MS });
  of.join(speaker('A', 1, 1.1));
  of.join(speaker('B', 2, 8));
  of.join(speaker('C', 3, 1));
  of.join(speaker('D', 4, 1));
  of.run(SETTLED_MS);
  return of;
}

const show = (of: Room, ...streams: readonly StreamInfo[]) =>
  of.send('A', { type: 'profile.changed', change: { streams: [voice('A'), ...streams] } });
const relayedSsrcs = (of: Room) =>
  of.tableOf('B').relayed.flatMap(({ client, ssrc }) => (client === 'A' ? [ssrc] : []));
const held = (of: Room) => of.negotiationOf('B').relaying.ledger.promised.get('A') ?? 0;

test('one that begins is asked for of a relay, and when it ends the relay is let go', (t) => {
  const it = room();
  t.is(held(it), 0);
  show(it, screen(SCREEN));
  it.run(SETTLED_MS);
  t.deepEqual(it.unserved(), []);
  t.deepEqual(relayedSsrcs(it), [SCREEN]);
  t.is(it.rateOf('A', 'screen'), RATE_BPS);
  show(it);
  t.deepEqual(
    it.tableOf('A').own.map(({ stream }) => stream),
    ['voice'],
    'from now on nothing of it leaves',
  );
  it.run(LATENCY_MS + DELAYS.profileSoon + DELAYS.planSettle + DELAYS.drain + 1);
  t.deepEqual(relayedSsrcs(it), [], 'what was sent before has come by then');
  it.run(SETTLED_MS);
  t.is(held(it), 0);
  t.deepEqual([...it.negotiationOf('A').asked.keys()], []);
  t.false(it.negotiationOf('A').inForce.has('screen'));
  t.deepEqual(it.unserved(), []);
});

test('one that comes back under its name and another SSRC is forwarded again, also where it was never missed', (t) => {
  const it = room();
  show(it, screen(SCREEN));
  it.run(SETTLED_MS);
  show(it);
  show(it, screen(SCREEN_AGAIN));
  it.run(SETTLED_MS);
  t.deepEqual(it.unserved(), []);
  t.deepEqual(relayedSsrcs(it), [SCREEN_AGAIN]);
  t.deepEqual(
    it
      .viewOf('D')
      .members.get('A')
      ?.streams.map(({ ssrc }) => ssrc),
    [voice('A').ssrc, SCREEN_AGAIN],
  );
  show(it);
  it.run(SETTLED_MS);
  show(it, screen(SCREEN));
  it.run(SETTLED_MS);
  t.deepEqual(relayedSsrcs(it), [SCREEN]);
  t.is(it.rateOf('A', 'screen'), RATE_BPS);
  t.deepEqual(it.unserved(), []);
});

test('a voice goes on without a gap while screens come and go at any pace', (t) => {
  const it = room();
  for (const pauseMs of [5, 15, 30, 60, 120, 250, 500]) {
    for (const streams of [[screen(SCREEN)], [], [screen(SCREEN_AGAIN)], []]) {
      show(it, ...streams);
      for (let passed = 0; passed < pauseMs; passed += 5) {
        it.run(5);
        t.deepEqual(
          it.unserved().filter((pair) => pair.includes('/voice')),
          [],
        );
      }
    }
  }
  it.run(SETTLED_MS);
  t.is(held(it), 0);
  t.deepEqual(it.errors, []);
  t.true(it.tableOf('A').own.every(({ rateBps }) => rateBps === VOICE_BPS));
});

test('nobody is told that a stream goes to everyone again when it has ended', (t) => {
  const it = room();
  it.send('B', { type: 'profile.changed', change: { lendBps: 0 } });
  it.run(SETTLED_MS);
  show(it, screen(SCREEN));
  it.run(SETTLED_MS);
  const notes = () => it.journalOf('A').filter(({ type }) => type === 'pairs.unserved').length;
  const before = notes();
  t.true(before > 0);
  show(it);
  it.run(SETTLED_MS);
  t.is(notes(), before);
});

test('what is changed before the peer has joined is how it joins', (t) => {
  const it = room();
  it.join(speaker('E', 5, 2));
  it.send('E', { type: 'profile.changed', change: { streams: [stream('E', { name: 'screen' })] } });
  it.run(SETTLED_MS);
  t.deepEqual(
    it
      .viewOf('A')
      .members.get('E')
      ?.streams.map(({ name }) => name),
    ['screen'],
  );
});
