/** Rooms in which not everybody reaches everybody, with everything else that a room can have. */
import test from 'ava';
import * as fc from 'fast-check';
import { type Plan, type PlanInput, planOwn, planRoom } from '../../machines/plan.ts';
import { drawn } from '../extent.ts';
import { faultsOf } from './audit.ts';
import { edgesOf, servablePairs } from './exact-graph.ts';
import { cutRoom, HOMES, MAPPED, natRoom } from './graphs.ts';
import { anyRoom, fixedRoom, joinedOneByOne, seededRandom } from './rooms.ts';

/** Any room, and any pairs cut in it. */
const anyCutRoom: fc.Arbitrary<PlanInput> = anyRoom.chain((room) => {
  const ids = room.peers.map(({ id }) => id);
  const pairs = ids.flatMap((a, at) => ids.slice(at + 1).map((b) => [a, b] as const));
  return fc.subarray(pairs).map((cut) => ({ ...room, cut }));
});

/** Legs between peers that do not reach each other, and copies of what a relay does not have from the owner itself. */
function wrongLegs(input: PlanInput, { routes }: Pick<Plan, 'routes'>): string[] {
  const hasEdge = edgesOf(input);
  return routes.flatMap(({ source, relay, receivers }) => {
    const legs = receivers.map((receiver) => [relay ?? source, receiver] as const);
    if (relay !== null) legs.push([source, relay]);
    return legs.flatMap(([from, to]) => (hasEdge(from, to) ? [] : [`${source} by ${relay}: ${from} to ${to}`]));
  });
}

/** A relay that wants a stream and gets some slices of it from another relay can't forward these. */
function chains({ routes }: Pick<Plan, 'routes'>): string[] {
  return routes.flatMap((route) =>
    routes.flatMap((before) => {
      const isSame = before.source === route.source && before.stream === route.stream;
      const isFed = isSame && before.relay !== null && before.receivers.includes(route.relay ?? '');
      return isFed && (before.slices & route.slices) !== 0
        ? [`${route.source}/${route.stream}: ${before.relay} feeds ${route.relay}`]
        : [];
    }),
  );
}

test('plans are sound: ledgers hold, no leg over a cut, never two relays after each other', (t) => {
  const property = fc.property(anyCutRoom, (room) => {
    const plan = planRoom(room);
    t.deepEqual([...faultsOf(room, plan), ...wrongLegs(room, plan), ...chains(plan)], []);
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: drawn(40, 120) }));
});

test('and so they are around what runs, whatever was cut since', (t) => {
  const property = fc.property(anyCutRoom, fc.array(fc.boolean(), { minLength: 1 }), (room, keeps) => {
    const before = planRoom({ ...room, cut: room.cut?.filter((_, at) => keeps[at % keeps.length]) ?? [] });
    const now = { ...room, inForce: before.routes };
    const plan = planRoom(now);
    t.deepEqual([...faultsOf(now, plan), ...wrongLegs(now, plan), ...chains(plan)], []);
  });
  t.notThrows(() => fc.assert(property, { seed: 2, numRuns: drawn(30, 100) }));
});

test("every peer's own part is its part of the plan of all, whatever the order of peers and cuts", (t) => {
  const property = fc.property(anyCutRoom, (room) => {
    const plan = planRoom(room);
    const turned: PlanInput = {
      ...room,
      peers: [...room.peers].reverse(),
      cut: [...(room.cut ?? [])].reverse().map(([a, b]) => [b, a]),
    };
    t.deepEqual(planRoom(turned), plan);
    for (const { id } of room.peers) {
      const own = planOwn(turned, id);
      const isOwn = ({ source }: { readonly source: string }): boolean => source === id;
      t.deepEqual([own.routes, own.unserved], [plan.routes.filter(isOwn), plan.unserved.filter(isOwn)]);
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 3, numRuns: drawn(20, 50) }));
});

test('where rates are free every pair that can be served is, and all others are named with the reason', (t) => {
  for (const size of [3, 5, 8, 12]) {
    const random = seededRandom(size);
    for (const draw of [HOMES, MAPPED, 0.1, 0.3, 0.6]) {
      for (let run = 0; run < 4; run += 1) {
        const room = typeof draw === 'number' ? cutRoom(random, size, draw) : natRoom(random, size, draw);
        const servable = servablePairs(room);
        const { unserved } = planRoom(room);
        const lost = new Set(unserved.map(({ source, receiver }) => `${source} ${receiver}`));
        t.deepEqual(
          [...servable].filter((pair) => lost.has(pair)),
          [],
        );
        t.is(lost.size, size * (size - 1) - servable.size);
        t.true(unserved.every(({ why }) => why === 'no-relay'));
      }
    }
  }
});

test('nothing moves where nothing has changed', (t) => {
  const random = seededRandom(7);
  for (let run = 0; run < 20; run += 1) {
    const room = natRoom(random, 6, MAPPED);
    const { routes } = planRoom(room);
    t.deepEqual(planRoom({ ...room, inForce: routes }).routes, routes);
  }
});

test('rooms that grow one by one stay sound', (t) => {
  const random = seededRandom(9);
  for (let run = 0; run < 10; run += 1) {
    const room = joinedOneByOne(natRoom(random, 7, MAPPED));
    const plan = planRoom(room);
    t.deepEqual([...faultsOf(room, plan), ...wrongLegs(room, plan), ...chains(plan)], []);
  }
});

/** A and B are cut from each other, C reaches both. */
function bridged(uploads: readonly [number, number, number]): PlanInput {
  return { ...fixedRoom(uploads), cut: [['A', 'B']] };
}

test('the bits of a bridge are planned: they are in the load of who relays', (t) => {
  const { load, unserved, routes } = planRoom(bridged([1, 1, 4]));
  t.deepEqual(unserved, []);
  t.deepEqual(load, { A: 1_000_000, B: 1_000_000, C: 4_000_000 });
  t.is(routes.filter(({ relay }) => relay === 'C').length, 2);
});

test('too little upload of who could bridge is told apart from nobody there', (t) => {
  const short = planRoom(bridged([1, 1, 2]));
  t.deepEqual(
    short.unserved.map(({ source, receiver, why }) => [source, receiver, why]),
    [
      ['A', 'B', 'no-upload'],
      ['B', 'A', 'no-upload'],
    ],
  );
  const alone = planRoom({ ...fixedRoom([1, 1]), cut: [['B', 'A']] });
  t.deepEqual(
    alone.unserved.map(({ why }) => why),
    ['no-relay', 'no-relay'],
  );
});

test('who lends nothing is no bridge for want of upload, and a plain endpoint is none at all', (t) => {
  const room = bridged([1, 1, 4]);
  const withC = (change: object): PlanInput => ({
    ...room,
    peers: room.peers.map((peer) => (peer.id === 'C' ? { ...peer, ...change } : peer)),
  });
  const why = (input: PlanInput) => planRoom(input).unserved.map((pair) => pair.why);
  t.deepEqual(why(withC({ lendBps: 0 })), ['no-upload', 'no-upload']);
  t.deepEqual(why(withC({ compatible: false })), ['no-relay', 'no-relay']);
});

test('a want beyond what its receiver takes is no matter of reach', (t) => {
  const room: PlanInput = { ...fixedRoom([2, 2, 8, 3]), cut: [['A', 'B']] };
  const peers = room.peers.map((peer) => (peer.id === 'D' ? { ...peer, downloadBps: 2_000_000 } : peer));
  const { unserved } = planRoom({ ...room, peers });
  t.deepEqual(
    unserved.map(({ receiver, why }) => [receiver, why]),
    [['D', 'no-download']],
  );
});

test('a member that wants nothing bridges all the same', (t) => {
  const room = bridged([1, 1, 4]);
  const peers = room.peers.map((peer) => (peer.id === 'C' ? { ...peer, wants: [], streams: [] } : peer));
  const { unserved, routes } = planRoom({ ...room, peers });
  t.deepEqual(unserved, []);
  t.deepEqual(
    routes.map(({ source, relay, receivers }) => [source, relay, receivers.join(' ')]),
    [
      ['A', 'C', 'B'],
      ['B', 'C', 'A'],
    ],
  );
});
