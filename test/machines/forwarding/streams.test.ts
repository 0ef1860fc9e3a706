/** Voice, camera and screen of one peer: one agreement a relay for all of them, and none harmed by what becomes of another. */
import test from 'ava';
import { NO_PATHS } from '../../../machines/forwarding/paths.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { member, RATE_BPS, stream, VOICE_BPS, viewOf, voice } from '../members.ts';
import { Room } from '../room.ts';

const LATENCY_MS = 20;
const SETTLED_MS = 2000;
const HEADROOM = 0.95;

/** Voice and camera, and upload for so many copies of a camera. */
function speaker(id: PeerId, epoch: number, copies: number) {
  const usableBps = copies * RATE_BPS;
  const streams = [voice(id), stream(id)];
  return member(id, { epoch, streams, uploadBps: usableBps / HEADROOM, usableBps, lendBps: usableBps });
}

/** A has upload for one copy of all it sends, and for none of its voice beside that; B carries the rest. */
function room(): Room {
  const of = new Room({ delayMs: () => LATENCY_MS });
  of.join(speaker('A', 1, 1.04));
  of.join(speaker('B', 2, 8));
  of.join(speaker('C', 3, 1.2));
  of.run(SETTLED_MS);
  return of;
}

const relayedOf = (room: Room, client: PeerId) => room.tableOf('B').relayed.filter((route) => route.client === client);
const agreementOf = (room: Room, client: PeerId) => room.negotiationOf('B').relaying.agreements.get(client);

test('one agreement carries voice and camera', (t) => {
  const it = room();
  t.deepEqual(it.unserved(), []);
  t.deepEqual(
    relayedOf(it, 'A')
      .map(({ stream }) => stream)
      .sort(),
    ['camera', 'voice'],
  );
  t.is(agreementOf(it, 'A')?.streams.length, 2);
  t.is(it.negotiationOf('B').relaying.ledger.promised.get('A'), RATE_BPS + VOICE_BPS);
  t.is(it.rateOf('A', 'voice'), VOICE_BPS);
});

test('a stream that ends gives its legs back, and the other goes on', (t) => {
  const it = room();
  it.send('A', { type: 'profile.changed', change: { streams: [voice('A')] } });
  it.run(SETTLED_MS);
  t.deepEqual(it.unserved(), []);
  t.deepEqual(
    it.tableOf('A').own.map(({ stream }) => stream),
    ['voice'],
  );
  t.false(relayedOf(it, 'A').some(({ stream }) => stream === 'camera'));
  t.true((it.negotiationOf('B').relaying.ledger.promised.get('A') ?? 0) <= VOICE_BPS);
  t.false(it.negotiationOf('A').inForce.has('camera'));
});

test('one that begins is sent, and what ran before is never interrupted', (t) => {
  const it = room();
  it.send('C', { type: 'profile.changed', change: { uploadBps: 4e6, usableBps: 3.5e6 } });
  it.run(SETTLED_MS);
  const screen = stream('A', { name: 'screen', ssrc: 4242, minBps: RATE_BPS / 4, maxBps: RATE_BPS / 4 });
  it.send('A', {
    type: 'profile.changed',
    change: { streams: [voice('A'), stream('A'), screen], uploadBps: 3e6, usableBps: 2.5e6 },
  });
  const deadlineMs = it.clock.now() + SETTLED_MS;
  while (it.clock.now() < deadlineMs) {
    it.run(5);
    t.deepEqual(
      it.unserved().filter((pair) => !pair.startsWith('A/screen')),
      [],
    );
  }
  t.deepEqual(it.unserved(), []);
});

test('no voice is split over ways, nor left out, when an uplink shrinks so far that cameras must go', (t) => {
  const it = room();
  it.send('B', { type: 'profile.changed', change: { uploadBps: 2.4e6, usableBps: 2.2e6, lendBps: 2.2e6 } });
  const deadlineMs = it.clock.now() + 3 * DELAYS.lease;
  while (it.clock.now() < deadlineMs) {
    it.run(10);
    t.deepEqual(
      it.unserved().filter((pair) => pair.includes('/voice')),
      [],
      `at ${it.clock.now()} ms`,
    );
    for (const id of it.members()) {
      for (const [, ways] of it.negotiationOf(id).inForce.get('voice') ?? NO_PATHS)
        t.deepEqual([...ways.values()], [ALL_SLICES]);
    }
  }
  t.true(it.unserved().some((pair) => pair.includes('/camera')));
});

test('a relay that dies is gone round with both', (t) => {
  const it = room();
  it.join(speaker('D', 4, 8));
  it.run(SETTLED_MS);
  t.deepEqual(it.unserved(), []);
  it.crash('B');
  it.run(DELAYS.memberTimeout + DELAYS.mediaSilence + SETTLED_MS);
  t.deepEqual(it.unserved(), []);
  t.deepEqual([...it.viewOf('A').members.keys()].sort(), [
    ...viewOf(member('A'), member('C'), member('D')).members.keys(),
  ]);
});
