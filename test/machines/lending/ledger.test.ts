/** The relay never promises more than its ledger holds, whatever comes in whatever order. */
import test from 'ava';
import fc from 'fast-check';
import { decide } from '../../../machines/negotiation/answering.ts';
import {
  EMPTY_LEDGER,
  type Ledger,
  overdrawnBps,
  ownAllowanceBps,
  promisedBps,
  reserve,
  spareBps,
} from '../../../machines/negotiation/ledger.ts';
import { costBps, isLess, type StreamLegs, type Terms } from '../../../machines/negotiation/legs.ts';
import { drain, drop, endDraining, type Relaying, relayedRoutes } from '../../../machines/negotiation/relaying.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { camera, request } from '../fresh-negotiation.ts';
import { member, RATE_BPS, stream, VOICE_BPS, viewOf, voice } from '../members.ts';

const CLIENTS = ['A', 'B', 'C'];
const RECEIVERS = ['D', 'E', 'F', 'G', 'stranger'];
const members = [
  ...CLIENTS.map((id) => member(id, { streams: [voice(id), stream(id)] })),
  ...RECEIVERS.filter((id) => id !== 'stranger').map((id) => member(id)),
];
const view = viewOf(member('R'), ...members);
const isWhole = (name: string) => name === 'voice';
const ROUNDING = 1e-6;
const MOST_BPS = 8e6;

const leg = fc.record({
  receiver: fc.constantFrom(...CLIENTS, ...RECEIVERS, 'R'),
  slices: fc.integer({ min: 1, max: ALL_SLICES }),
});
const bps = fc.integer({ min: 0, max: MOST_BPS });
const legs = fc.uniqueArray(leg, { minLength: 1, maxLength: 4, selector: ({ receiver }) => receiver });
const terms: fc.Arbitrary<StreamLegs[]> = fc.uniqueArray(
  fc.record({ stream: fc.constantFrom('camera', 'voice', 'screen'), rateBps: bps, legs }),
  { minLength: 1, maxLength: 3, selector: ({ stream }) => stream },
);
const agreement = fc.constantFrom('1', '2');
const revision = fc.integer({ min: 1, max: 4 });
const from = fc.constantFrom(...CLIENTS);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('request' as const), from, agreement, revision, terms }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), from }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), from }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drained' as const), from }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('upload' as const), usableBps: bps, lendBps: bps }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('own' as const), ownWantedBps: bps, ownInUseBps: bps }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(relaying: Relaying, taken: Step): Relaying {
  switch (taken.do) {
    case 'request': {
      const { body } = request(taken.from, taken.revision, taken.terms, `${taken.from}.${taken.agreement}`);
      const decision = decide(relaying, taken.from, body, { view, reached: new Set(), leaving: false, patient: false });
      return decision.type === 'stale' ? relaying : decision.relaying;
    }
    case 'end':
      return drain(relaying, taken.from);
    case 'drop':
      return drop(relaying, taken.from);
    case 'drained':
      return endDraining(relaying, taken.from);
    case 'upload':
    case 'own': {
      const { do: _, ...change } = taken;
      return { ...relaying, ledger: { ...relaying.ledger, ...change } };
    }
  }
}

/** What agreements may hold together: what is lent, of what the own streams leave. */
function limitOf({ lendBps, usableBps, ownWantedBps, ownInUseBps }: Ledger): number {
  return Math.max(0, Math.min(lendBps, usableBps - Math.max(ownWantedBps, ownInUseBps)));
}

const start: Relaying = {
  ledger: { ...EMPTY_LEDGER, usableBps: 6e6, lendBps: 5e6, ownWantedBps: 1e6 },
  agreements: new Map(),
  draining: new Map(),
};
const steps = fc.array(step, { maxLength: 40 });

test('no order of messages makes promises grow beyond what is lent and left', (t) => {
  const property = fc.property(steps, (steps) => {
    let relaying = start;
    for (const taken of steps) {
      const before = promisedBps(relaying.ledger);
      relaying = take(relaying, taken);
      const after = promisedBps(relaying.ledger);
      // Promises from before the upload shrank stand until they are reclaimed; no new one is added to them.
      t.true(after <= Math.max(before, limitOf(relaying.ledger)) + ROUNDING * MOST_BPS);
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 1000 }));
});

test('what the ledger holds for a client is what its agreement costs', (t) => {
  const property = fc.property(steps, (steps) => {
    const { agreements, ledger } = steps.reduce(take, start);
    t.deepEqual([...ledger.promised.keys()].sort(), [...agreements.keys()].sort());
    for (const { client, streams } of agreements.values()) {
      t.true(Math.abs(costBps(streams) - (ledger.promised.get(client) ?? 0)) <= ROUNDING * MOST_BPS);
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 2, numRuns: 500 }));
});

test('of each stream of a client no more is granted than it asked for, once, and of a voice whole legs', (t) => {
  const property = fc.property(bps, terms, terms, (roomBps, asked, before) => {
    const ledger = { ...EMPTY_LEDGER, usableBps: roomBps, lendBps: roomBps };
    const { granted, ledger: after } = reserve(ledger, 'A', asked, [], isWhole);
    t.true(promisedBps(after) <= roomBps * (1 + ROUNDING));
    t.is(new Set(granted.map(({ stream }) => stream)).size, granted.length);
    t.false(
      isLess(
        asked,
        granted.filter(({ stream }) => isWhole(stream)),
      ),
    );
    for (const { stream, legs } of granted) {
      const of = asked.find((terms) => terms.stream === stream)?.legs ?? [];
      for (const { receiver, slices } of legs)
        t.is(slices & ~(of.find((leg) => leg.receiver === receiver)?.slices ?? 0), 0);
    }
    // Another client gets what is left, and takes nothing of the first one's.
    const both = reserve(after, 'B', before, [], isWhole).ledger;
    t.is(both.promised.get('A'), after.promised.get('A'));
    t.true(promisedBps(both) <= roomBps * (1 + ROUNDING));
  });
  t.notThrows(() => fc.assert(property, { seed: 5, numRuns: 500 }));
});

test('nothing is forwarded to a stranger, to the client, or to the relay itself, and of no stream that there is not', (t) => {
  const property = fc.property(steps, (steps) => {
    const { agreements, draining, ledger } = steps.reduce(take, start);
    for (const route of relayedRoutes({ agreements, draining, ledger }, view)) {
      t.not(route.stream, 'screen');
      for (const { receiver } of route.legs) t.false(['stranger', 'R', route.client].includes(receiver));
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 3, numRuns: 500 }));
});

test('the same message twice does no more than once', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 20 }), step, (steps, last) => {
    const once = take(steps.reduce(take, start), last);
    const twice = take(once, last);
    // Whether it lets go of anything once more is another matter: that drains.
    t.deepEqual([twice.agreements, twice.ledger], [once.agreements, once.ledger]);
  });
  t.notThrows(() => fc.assert(property, { seed: 4, numRuns: 500 }));
});

test('a voice that comes after the camera still takes nothing that stands, and nothing in part', (t) => {
  const ledger = { ...EMPTY_LEDGER, usableBps: RATE_BPS + VOICE_BPS / 2, lendBps: RATE_BPS + VOICE_BPS / 2 };
  const standing: Terms = [camera(['D'])];
  const { granted } = reserve(
    ledger,
    'A',
    [camera(['E'], { stream: 'voice', rateBps: VOICE_BPS }), ...standing],
    standing,
    isWhole,
  );
  t.deepEqual(granted, standing);
});

test('the own streams may have whatever agreements do not hold', (t) => {
  const ledger = { ...start.ledger, promised: new Map([['A', 2e6]]) };
  t.is(ownAllowanceBps(ledger), 4e6);
  t.is(spareBps(ledger), 3e6);
  t.is(overdrawnBps(ledger), 0);
});

test('a shrunken upload or lending leaves nothing to spare, and says by how much it is overdrawn', (t) => {
  const promised = new Map([['A', 4e6]]);
  const poorer = { ...start.ledger, usableBps: 3e6, promised };
  t.is(spareBps(poorer), 0);
  t.is(ownAllowanceBps(poorer), 0);
  t.is(overdrawnBps(poorer), 2e6);
  t.is(overdrawnBps({ ...start.ledger, lendBps: 0, promised }), 4e6);
});
