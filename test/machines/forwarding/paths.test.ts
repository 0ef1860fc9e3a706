/** Laws of paths: nobody is dropped on the way from a plan to what runs. */
import test from 'ava';
import fc from 'fast-check';
import {
  affordablePaths,
  type Competing,
  choosePaths,
  type Granted,
  mostCopies,
  NO_PATHS,
  type Paths,
  pathsOfRoutes,
  relaysIn,
  routesOfPaths,
  samePaths,
  sendingBps,
  unionOf,
  unionPaths,
  type Via,
  type Ways,
} from '../../../machines/forwarding/paths.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { RATE_BPS, VOICE_BPS } from '../members.ts';

const PEERS = ['A', 'B', 'C', 'D', 'E'];
const peer = fc.constantFrom(...PEERS);
const mask = fc.oneof(fc.constant(ALL_SLICES), fc.integer({ min: 1, max: ALL_SLICES }));

/** For each receiver, every slice by one way: what a plan asks for. Relays get their own copy directly. */
const whole: fc.Arbitrary<Paths> = fc
  .dictionary(peer, fc.record({ cut: mask, one: fc.option(peer), other: fc.option(peer) }), { noNullPrototype: true })
  .map((choices) => {
    const receivers = Object.entries(choices);
    const relays = new Set(receivers.flatMap(([, { one, other }]) => [one, other]));
    const ways = ([id, { cut, one, other }]: (typeof receivers)[number]): [string, Map<Via, number>] => {
      const direct = relays.has(id) || one === id || other === id;
      if (direct || one === other || cut === ALL_SLICES) return [id, new Map([[direct ? null : one, ALL_SLICES]])];
      return [
        id,
        new Map([
          [one, cut],
          [other, ALL_SLICES & ~cut],
        ]),
      ];
    };
    return new Map(receivers.map(ways));
  });

const granted: fc.Arbitrary<Granted> = fc
  .dictionary(peer, fc.dictionary(peer, mask, { noNullPrototype: true }), { noNullPrototype: true })
  .map((relays) => new Map(Object.entries(relays).map(([relay, legs]) => [relay, new Map(Object.entries(legs))])));

const slicesOf = (paths: Paths, receiver: string) =>
  [...(paths.get(receiver)?.values() ?? [])].reduce((union, slices) => union | slices, 0);
const isDisjoint = (ways: ReadonlyMap<Via, number>) => {
  let seen = 0;
  for (const slices of ways.values()) {
    if ((seen & slices) !== 0 || slices === 0) return false;
    seen |= slices;
  }
  return true;
};

test('paths written as routes are the same paths when read again', (t) => {
  const routes = fc.array(
    fc.record({ relay: fc.option(peer), slices: mask, receivers: fc.uniqueArray(peer, { minLength: 1 }) }),
  );
  const property = fc.property(routes, (written) => {
    const paths = pathsOfRoutes(written);
    const again = routesOfPaths(paths);
    t.true(samePaths(pathsOfRoutes(again), paths));
    t.deepEqual(routesOfPaths(pathsOfRoutes(again)), again);
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 500 }));
});

test('every wanted receiver is served in full, once, by ways that stand', (t) => {
  const some = fc.uniqueArray(peer);
  const property = fc.property(whole, granted, whole, some, some, (wanted, promises, inForce, absent, mute) => {
    const gone = (id: string) => absent.includes(id);
    const silent = (id: string) => mute.includes(id);
    const chosen = choosePaths({ wanted, granted: promises, inForce, gone, silent });
    for (const receiver of wanted.keys()) {
      if (gone(receiver)) {
        t.false(chosen.has(receiver));
        continue;
      }
      t.is(slicesOf(chosen, receiver), slicesOf(wanted, receiver));
      const ways = chosen.get(receiver) ?? new Map<Via, number>();
      t.true(isDisjoint(ways));
      for (const [via, slices] of ways) {
        if (via === null) continue;
        t.false(gone(via) || silent(via));
        t.is(slices & ~(promises.get(via)?.get(receiver) ?? 0), 0);
      }
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 2, numRuns: 1000 }));
});

test('a receiver keeps the way that it has until the one to itself is found; who has none is sent to directly all the same', (t) => {
  const [direct, relayed] = [new Map([[null, ALL_SLICES]]), new Map([['B', ALL_SLICES]])];
  const wanted = new Map([['E', direct]]);
  const granted = new Map([['B', new Map([['E', ALL_SLICES]])]]);
  const all = { wanted, granted, gone: () => false, silent: () => false };
  const inForce = new Map([['E', relayed]]);
  const awaited = (id: string) => id === 'E';
  t.deepEqual(choosePaths({ ...all, inForce, awaited }).get('E'), relayed);
  t.deepEqual(choosePaths({ ...all, inForce }).get('E'), direct);
  t.deepEqual(choosePaths({ ...all, inForce: NO_PATHS, awaited }).get('E'), direct);
  t.deepEqual(choosePaths({ ...all, granted: new Map(), inForce, awaited }).get('E'), direct);
});

test('choosing again, with what was chosen in force, changes nothing', (t) => {
  const property = fc.property(whole, granted, whole, (wanted, promises, inForce) => {
    const all = { wanted, granted: promises, gone: () => false, silent: () => false };
    const once = choosePaths({ ...all, inForce });
    t.true(samePaths(choosePaths({ ...all, inForce: once }), once));
  });
  t.notThrows(() => fc.assert(property, { seed: 3, numRuns: 500 }));
});

test('who ties a stream to one address has all of it on one way, and what it has stays until the wanted way stands', (t) => {
  const property = fc.property(whole, granted, whole, (wanted, promises, inForce) => {
    const all = { wanted, granted: promises, gone: () => false, silent: () => false, tied: (id: string) => id === 'E' };
    const before = choosePaths({ ...all, granted: promises, inForce });
    const ways = before.get('E') ?? new Map<Via, number>();
    t.true(ways.size <= 1);
    if (ways.size === 1) t.is(unionOf(ways), unionOf(wanted.get('E') ?? new Map()));
  });
  t.notThrows(() => fc.assert(property, { seed: 4, numRuns: 1000 }));

  const [direct, relayed] = [new Map([[null, ALL_SLICES]]), new Map([['B', ALL_SLICES]])];
  const nothing = { granted: new Map(), gone: () => false, silent: () => false, tied: () => true };
  const wanted = new Map([['E', relayed]]);
  t.is(
    choosePaths({ ...nothing, wanted, inForce: NO_PATHS }).size,
    0,
    'nothing stands in for a relay that has not answered',
  );
  t.deepEqual(choosePaths({ ...nothing, wanted, inForce: new Map([['E', direct]]) }).get('E'), direct);
  const promised = new Map([['B', new Map([['E', ALL_SLICES]])]]);
  t.deepEqual(choosePaths({ ...nothing, wanted, granted: promised, inForce: NO_PATHS }).get('E'), relayed);
  const partly = new Map([['B', new Map([['E', 0x00ff]])]]);
  t.is(choosePaths({ ...nothing, wanted, granted: partly, inForce: NO_PATHS }).size, 0);
});

/** A stream on these paths, which are those that are wanted unless others are given. */
const competing = (stream: string, paths: Paths, change: Partial<Competing> = {}): Competing => ({
  ...{ stream, media: stream === 'voice' ? 'audio' : 'video', paths, wanted: paths },
  ...{ rateBps: stream === 'voice' ? VOICE_BPS : RATE_BPS, ...change },
});
const costOf = (all: readonly Competing[], affordable: ReadonlyMap<string, Paths>) =>
  all.reduce((sum, { stream, rateBps }) => sum + sendingBps(affordable.get(stream) ?? NO_PATHS, rateBps), 0);

test('what is affordable is part of what was chosen, costs no more than the allowance, and is all where that suffices', (t) => {
  const property = fc.property(whole, whole, whole, fc.integer({ min: 0, max: 8 }), (paths, wanted, voices, copies) => {
    const allowanceBps = copies * RATE_BPS;
    const all = [competing('voice', voices), competing('camera', paths, { wanted }), competing('screen', wanted)];
    const affordable = affordablePaths(all, allowanceBps);
    t.true(costOf(all, affordable) <= allowanceBps * (1 + 1e-6));
    for (const { stream, paths } of all) {
      const kept = affordable.get(stream) ?? NO_PATHS;
      t.true(samePaths(unionPaths(paths, kept), paths));
    }
    const chosen = new Map(all.map(({ stream, paths }) => [stream, paths]));
    if (costOf(all, chosen) <= allowanceBps)
      for (const { stream, paths } of all) t.true(samePaths(affordable.get(stream) ?? NO_PATHS, paths));
  });
  t.notThrows(() => fc.assert(property, { seed: 4, numRuns: 500 }));
});

test('no voice waits for a picture, in whichever order they come', (t) => {
  const property = fc.property(whole, whole, fc.integer({ min: 0, max: 40 }), (voices, pictures, tenths) => {
    const allowanceBps = (tenths * RATE_BPS) / 10;
    const voice = competing('voice', voices);
    const alone = affordablePaths([voice], allowanceBps).get('voice');
    const after = affordablePaths([competing('camera', pictures), voice], allowanceBps);
    t.deepEqual(after.get('voice'), alone);
  });
  t.notThrows(() => fc.assert(property, { seed: 6, numRuns: 500 }));
});

test('a way of a voice is taken as a whole: copies of it are no burst that an uplink would drop', (t) => {
  const directly: Paths = new Map(PEERS.map((id) => [id, new Map([[null, ALL_SLICES]])]));
  const all = [competing('voice', directly, { wanted: NO_PATHS }), competing('camera', directly, { wanted: NO_PATHS })];
  const affordable = affordablePaths(all, 100 * RATE_BPS, 2);
  t.is(affordable.get('voice')?.size, PEERS.length);
  t.is(affordable.get('camera')?.size, 2);
});

test('a union holds both, in any order, and misses nothing of either', (t) => {
  const property = fc.property(whole, whole, (a, b) => {
    const union = unionPaths(a, b);
    t.true(samePaths(union, unionPaths(b, a)));
    t.true(samePaths(unionPaths(union, a), union));
    for (const part of [a, b]) {
      for (const [receiver, ways] of part) t.is(unionOf(ways) & ~unionOf(union.get(receiver) ?? new Map()), 0);
    }
    t.deepEqual([...relaysIn(union)].sort(), [...new Set([...relaysIn(a), ...relaysIn(b)])].sort());
  });
  t.notThrows(() => fc.assert(property, { seed: 5, numRuns: 500 }));
});

test('on a small uplink few copies of a packet stand in for a relay that lacks a slice, and what is wanted stays', (t) => {
  const missing = 0x8000;
  const receivers = ['B', 'C', 'D', 'E', 'F', 'G'];
  const through: [string, Ways][] = receivers.map((id) => [id, new Map([['R', ALL_SLICES]])]);
  const wanted: Paths = new Map([['R', new Map([[null, ALL_SLICES]])], ...through]);
  const standing: [string, Ways][] = receivers.map((id) => [
    id,
    new Map<Via, number>([
      ['R', ALL_SLICES & ~missing],
      [null, missing],
    ]),
  ]);
  const paths: Paths = new Map([['R', new Map([[null, ALL_SLICES]])], ...standing]);
  const directly = (copies: number) =>
    [
      ...(affordablePaths([competing('camera', paths, { wanted, rateBps: 80_000 })], 130_000, copies).get('camera') ??
        NO_PATHS),
    ]
      .filter(([, ways]) => ways.has(null))
      .map(([id]) => id);
  t.is(mostCopies(130_000), 3);
  t.deepEqual(directly(3), ['B', 'C', 'R']);
  t.deepEqual(directly(1), ['R']);
});
