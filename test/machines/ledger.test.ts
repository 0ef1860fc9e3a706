/** The relay never promises more than its ledger holds, whatever comes in whatever order. */
import test from 'ava';
import fc from 'fast-check';
import type { AddressedLeg } from '../../machines/messages.ts';
import { accept, decide } from '../../machines/negotiation/answering.ts';
import {
  EMPTY_LEDGER,
  type Ledger,
  legsBps,
  overdrawnBps,
  ownAllowanceBps,
  promisedBps,
  spareBps,
} from '../../machines/negotiation/ledger.ts';
import { drop, lapseOffer, type Relaying, relayedRoutes } from '../../machines/negotiation/relaying.ts';
import { member, viewOf } from './members.ts';

const CLIENTS = ['A', 'B', 'C'];
const RECEIVERS = ['D', 'E', 'F', 'G', 'stranger'];
const members = [...CLIENTS, ...RECEIVERS.filter((id) => id !== 'stranger')].map((id) => member(id));
const view = viewOf(member('R'), ...members);
const ROUNDING = 1e-6;

const leg = fc.record({
  receiver: fc.constantFrom(...CLIENTS, ...RECEIVERS),
  slices: fc.integer({ min: 1, max: 0xffff }),
});
const bps = fc.integer({ min: 0, max: 8_000_000 });
const agreement = fc.constantFrom('A.1', 'A.2', 'B.1', 'C.1');
const revision = fc.integer({ min: 1, max: 4 });
const from = fc.constantFrom(...CLIENTS);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      from,
      agreement,
      revision,
      rateBps: bps,
      legs: fc.array(leg, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('accept' as const), from, agreement, revision }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lapse' as const), agreement }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), agreement }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('upload' as const), usableBps: bps, lendBps: bps }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('own' as const), ownWantedBps: bps, ownInUseBps: bps }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function addressed(legs: readonly { receiver: string; slices: number }[]): AddressedLeg[] {
  return legs.map((one) => ({ ...one, address: member(one.receiver).media }));
}

function take(relaying: Relaying, taken: Step): Relaying {
  switch (taken.do) {
    case 'request': {
      const { ssrc } = member(taken.from).source ?? { ssrc: 0 };
      const request = { ...taken, ssrc, legs: addressed(taken.legs) };
      const decision = decide(relaying, taken.from, request, { view, leaving: false, patient: false });
      return decision.type === 'offered' ? decision.relaying : relaying;
    }
    case 'accept': {
      const acceptance = accept(relaying, taken.from, taken);
      return acceptance.type === 'amended' ? acceptance.relaying : relaying;
    }
    case 'lapse':
      return lapseOffer(relaying, taken.agreement);
    case 'drop':
      return drop(relaying, taken.agreement);
    case 'upload':
    case 'own': {
      const { do: _, ...change } = taken;
      return { ...relaying, ledger: { ...relaying.ledger, ...change } };
    }
  }
}

/** What agreements may hold together: what is lent, of what the own stream leaves. */
function limitOf({ lendBps, usableBps, ownWantedBps, ownInUseBps }: Ledger): number {
  return Math.max(0, Math.min(lendBps, usableBps - Math.max(ownWantedBps, ownInUseBps)));
}

const start: Relaying = {
  ledger: { ...EMPTY_LEDGER, usableBps: 6e6, lendBps: 5e6, ownWantedBps: 1e6 },
  agreements: new Map(),
  draining: new Map(),
};

test('no order of messages makes promises grow beyond what is lent and left', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let relaying = start;
    for (const taken of steps) {
      const before = promisedBps(relaying.ledger);
      relaying = take(relaying, taken);
      const after = promisedBps(relaying.ledger);
      // Promises from before the upload shrank stand until they are reclaimed; no new one is added to them.
      t.true(after <= Math.max(before, limitOf(relaying.ledger)) + ROUNDING * 8e6);
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 2000 }));
});

test('what an agreement holds covers what is in force and what is offered', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { agreements, ledger } = steps.reduce(take, start);
    t.deepEqual([...ledger.promised.keys()].sort(), [...agreements.keys()].sort());
    for (const { id, inForce, offered } of agreements.values()) {
      for (const terms of [inForce, offered]) {
        if (terms) t.true(legsBps(terms.legs, terms.rateBps) <= (ledger.promised.get(id) ?? 0) + ROUNDING * 8e6);
      }
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 2, numRuns: 1000 }));
});

test('nothing is forwarded to a stranger, to the client, or to the relay itself', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    for (const { client, legs } of relayedRoutes(steps.reduce(take, start), view)) {
      for (const { receiver } of legs) t.false(['stranger', 'R', client].includes(receiver));
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 3, numRuns: 1000 }));
});

test('a message that is refused changes nothing, and the same one twice no more than once', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 20 }), step, (steps, last) => {
    const once = take(steps.reduce(take, start), last);
    t.deepEqual(take(once, last), once);
  });
  t.notThrows(() => fc.assert(property, { seed: 4, numRuns: 1000 }));
});

test('the own stream may have whatever agreements do not hold', (t) => {
  const ledger = { ...start.ledger, promised: new Map([['A.1', 2e6]]) };
  t.is(ownAllowanceBps(ledger), 4e6);
  t.is(spareBps(ledger), 3e6);
  t.is(overdrawnBps(ledger), 0);
});

test('a shrunken upload or lending leaves nothing to spare, and says by how much it is overdrawn', (t) => {
  const promised = new Map([['A.1', 4e6]]);
  const poorer = { ...start.ledger, usableBps: 3e6, promised };
  t.is(spareBps(poorer), 0);
  t.is(ownAllowanceBps(poorer), 0);
  t.is(overdrawnBps(poorer), 2e6);
  t.is(overdrawnBps({ ...start.ledger, lendBps: 0, promised }), 4e6);
});
