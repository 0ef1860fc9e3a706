/** Rooms of which everybody can say what the plan must be. */
import test from 'ava';
import { type PlanPeer, planRoom } from '../../machines/plan.ts';
import { twoHopPairs } from './audit.ts';
import { camera, fixedRoom, MBIT } from './rooms.ts';

const ALL = 0xffff;
const direct = (source: string, ...receivers: string[]) => ({
  source,
  stream: 'camera',
  slices: ALL,
  relay: null,
  receivers,
});
const relayed = (source: string, relay: string, ...receivers: string[]) => ({
  source,
  stream: 'camera',
  slices: ALL,
  relay,
  receivers,
});

test('an empty room and a room of one have no routes', (t) => {
  t.deepEqual(planRoom(fixedRoom([])).routes, []);
  const alone = planRoom(fixedRoom([2]));
  t.deepEqual([alone.routes, alone.unserved, alone.rates], [[], [], { 'A/camera': MBIT }]);
});

test('two send to each other', (t) => {
  t.deepEqual(planRoom(fixedRoom([2, 2])).routes, [direct('A', 'B'), direct('B', 'A')]);
});

test('everybody rich: a full mesh', (t) => {
  t.is(twoHopPairs(planRoom(fixedRoom([9, 9, 9, 9]))), 0);
});

test('everybody poor: the loss is spread evenly', (t) => {
  const { unserved, boundBps } = planRoom(fixedRoom([1, 1, 1, 1]));
  t.is(unserved.length, 8);
  t.is(boundBps, 0);
  for (const id of 'ABCD') {
    t.is(unserved.filter(({ source }) => source === id).length, 2);
    t.is(unserved.filter(({ receiver }) => receiver === id).length, 2);
  }
});

test('one rich peer carries everybody', (t) => {
  const { routes, unserved, load } = planRoom(fixedRoom([9, 1, 1, 1]));
  t.deepEqual(unserved, []);
  t.deepEqual(
    routes.filter(({ source }) => source !== 'A'),
    [relayed('B', 'A', 'C', 'D'), relayed('C', 'A', 'B', 'D'), relayed('D', 'A', 'B', 'C')],
  );
  t.is(load.A, 9 * MBIT);
});

test('who can send one whole copy sends it to the peer with most spare upload', (t) => {
  const room = { ...fixedRoom([5, 10, 2]), headroom: 0.95 };
  t.deepEqual(
    planRoom(room).routes.filter(({ source }) => source === 'C'),
    [relayed('C', 'B', 'A')],
  );
});

test('nobody relays who lends nothing', (t) => {
  const { headroom, peers } = fixedRoom([5, 10, 1]);
  const unwilling = peers.map((peer): PlanPeer => ({ ...peer, lendBps: 0 }));
  const { routes, unserved } = planRoom({ headroom, peers: unwilling });
  t.true(routes.every(({ relay }) => relay === null));
  t.is(unserved.length, 1);
  t.is(unserved[0]?.source, 'C');
});

test('among equals, ids decide', (t) => {
  const { routes } = planRoom(fixedRoom([4, 4, 4, 1]));
  t.is(routes.find(({ source, relay }) => source === 'D' && relay !== null)?.relay, 'A');
});

test('a plain endpoint receives whole streams over one path, and relays nothing', (t) => {
  const { headroom, peers } = fixedRoom([5, 10, 2, 10]);
  const plain = peers.map((peer): PlanPeer => (peer.id === 'D' ? { ...peer, compatible: false } : peer));
  const { routes, unserved } = planRoom({ headroom, peers: plain });
  t.deepEqual(unserved, []);
  t.true(routes.every(({ relay }) => relay !== 'D'));
  t.true(routes.filter(({ receivers }) => receivers.includes('D')).every(({ slices }) => slices === ALL));
  t.deepEqual(
    routes.filter(({ source }) => source === 'D'),
    [direct('D', 'A', 'B', 'C')],
  );
});

test('a receiver gets only the sources that it wants, through somebody who does not watch if need be', (t) => {
  const peers: PlanPeer[] = [
    { id: 'A', uploadBps: MBIT, streams: [camera(MBIT)] },
    { id: 'B', uploadBps: 0 },
    { id: 'C', uploadBps: 0 },
    { id: 'D', uploadBps: 5 * MBIT, wants: [] },
  ];
  t.deepEqual(planRoom({ headroom: 1, peers }).routes, [relayed('A', 'D', 'B', 'C')]);
});

test('free rates: capped by the own upload, else by the level that the room affords', (t) => {
  const peers = [10, 1, 1].map((upload, index): PlanPeer => {
    return { id: 'ABC'[index] ?? '', uploadBps: upload * MBIT, streams: [camera(0, 9 * MBIT)] };
  });
  const { rates, boundBps, ratio } = planRoom({ headroom: 1, peers });
  t.deepEqual(rates, { 'A/camera': 4 * MBIT, 'B/camera': MBIT, 'C/camera': MBIT });
  t.deepEqual([boundBps, ratio], [4 * MBIT, 1]);
});

test('a receiver with a small download holds down what it receives', (t) => {
  const { headroom, peers } = fixedRoom([9, 9, 9]);
  const tight = peers.map((peer): PlanPeer => (peer.id === 'C' ? { ...peer, downloadBps: MBIT } : peer));
  const { unserved } = planRoom({ headroom, peers: tight });
  t.is(unserved.length, 1);
  t.is(unserved[0]?.receiver, 'C');
});
