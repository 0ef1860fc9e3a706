/** One stream that asks for far more than its fair share costs nobody else anything. */
import test from 'ava';
import { type PlanInput, type PlanPeer, planRoom } from '../../machines/plan.ts';
import { faultsOf } from './audit.ts';
import { camera, MBIT, VOICE } from './rooms.ts';

const SIZE = 12;
const GREEDY = 'p03';
/** Of the bound of the room without it. */
const LEAST_SHARE = 0.99;

/** Twelve peers with 10 Mbit/s each; one of them sends at a fixed rate, or nothing. */
function roomWith(greedyBps: number | null, others = [camera(100_000, 20 * MBIT)]): PlanInput {
  const peers = Array.from({ length: SIZE }, (_, index): PlanPeer => {
    const id = `p${String(index).padStart(2, '0')}`;
    const uploadBps = 10 * MBIT;
    if (id !== GREEDY) return { id, uploadBps, streams: others };
    return { id, uploadBps, streams: greedyBps === null ? [] : [camera(greedyBps)] };
  });
  return { headroom: 0.95, peers };
}

for (const mbit of [2, 4, 8, 9, 9.6, 20]) {
  test(`${mbit} Mbit/s in a room of twelve with 10 Mbit/s each: all others are as without it`, (t) => {
    const room = roomWith(mbit * MBIT);
    const { boundBps } = planRoom(roomWith(null));
    const plan = planRoom(room);
    t.deepEqual(faultsOf(room, plan), []);
    t.deepEqual(
      plan.unserved.filter(({ source }) => source !== GREEDY),
      [],
    );
    for (const [name, rate] of Object.entries(plan.rates)) {
      if (!name.startsWith(GREEDY)) t.true(rate >= LEAST_SHARE * boundBps, `${name} has ${rate} of ${boundBps}`);
    }
  });
}

test('a stream that asks for a little more than its fair share is served to everybody', (t) => {
  const plan = planRoom(roomWith(1.2 * MBIT));
  t.deepEqual(plan.unserved, []);
});

test('what the others leave goes to the stream that asks for too much', (t) => {
  // The others need 11 x 11 x 0.5 of the 114 Mbit/s: 53.5 are left, but only receivers relay, and each has 4 Mbit/s.
  const room = roomWith(8 * MBIT, [camera(500_000)]);
  const plan = planRoom(room);
  t.deepEqual(faultsOf(room, plan), []);
  t.deepEqual([...new Set(plan.unserved.map(({ source }) => source))], [GREEDY]);
  t.true(plan.unserved.length <= 9, `${plan.unserved.length} unserved`);
});

test('who can send its stream to everybody itself does, however much that is', (t) => {
  const room = roomWith(8 * MBIT);
  const peers = room.peers.map((peer) => (peer.id === GREEDY ? { ...peer, uploadBps: 100 * MBIT } : peer));
  t.deepEqual(planRoom({ ...room, peers }).unserved, []);
});

test('of several streams of one peer only the one that asks for too much gives way', (t) => {
  const room = roomWith(null);
  const screen = { ...camera(8 * MBIT), name: 'screen' };
  const peers = room.peers.map((peer) =>
    peer.id === GREEDY ? { ...peer, streams: [VOICE, camera(100_000, 20 * MBIT), screen] } : peer,
  );
  const plan = planRoom({ ...room, peers });
  t.deepEqual(faultsOf({ ...room, peers }, plan), []);
  t.deepEqual([...new Set(plan.unserved.map(({ source, stream }) => `${source}/${stream}`))], [`${GREEDY}/screen`]);
});

test('where least rates are beyond the room, streams that ask for less than their fair share lose nobody', (t) => {
  // Half of the room asks for 1.2 Mbit/s a stream and half for 0.3: there is 0.86 for each.
  const room = roomWith(1.2 * MBIT);
  const peers = room.peers.map((peer, index) => ({
    ...peer,
    streams: [camera(index % 2 === 0 ? 1.6 * MBIT : 300_000)],
  }));
  const plan = planRoom({ ...room, peers });
  t.deepEqual(faultsOf({ ...room, peers }, plan), []);
  t.true(plan.unserved.length > 0);
  t.true(plan.unserved.every(({ source }) => Number(source.slice(1)) % 2 === 0));
});
