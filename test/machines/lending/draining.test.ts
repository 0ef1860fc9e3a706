/** What a client lets go of holds nothing of its relay's upload from then on; what is on its way is forwarded all the same. */
import test from 'ava';
import fc from 'fast-check';
import { spareBps } from '../../../machines/negotiation/ledger.ts';
import { answerDeferred, consider, dropAgreement, finishDraining } from '../../../machines/negotiation/lending.ts';
import { relayedRoutes } from '../../../machines/negotiation/relaying.ts';
import type { Context } from '../../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { after, camera, freshNegotiation, lending, request } from '../fresh-negotiation.ts';
import { member, RATE_BPS, stream, VOICE_BPS, viewOf, voice } from '../members.ts';

const RECEIVERS = ['D', 'E', 'F', 'G'];
const view = viewOf(
  member('R'),
  member('C', { streams: [stream('C'), voice('C')] }),
  ...RECEIVERS.map((id) => member(id)),
);
const HALF = 0x00ff;
const asks = (revision: number, slices: number) => request('C', revision, [camera(['D'], { slices })]);

/** A relay that forwards all of its client's camera to one receiver, and can do no more. */
function relaying(): Context {
  const able = lending(freshNegotiation(view), RATE_BPS);
  return after(able, consider(able, { request: asks(1, ALL_SLICES) }));
}

const routes = (context: Context) => relayedRoutes(context.relaying, context.view);
const forwarded = (context: Context) => routes(context).map(({ legs }) => legs[0]?.slices);
const limits = (context: Context) => routes(context).map(({ limitBps }) => limitBps);
const drained = (context: Context) => after(context, finishDraining(context, { client: 'C' }));

test('slices that an amendment lets go of are free at once and forwarded until they have drained', (t) => {
  const full = relaying();
  t.is(spareBps(full.relaying.ledger), 0);
  const outcome = consider(full, { request: asks(2, HALF) });
  t.true(outcome.commands?.some((command) => command.do === 'drain'));
  const narrowed = after(full, outcome);
  t.is(spareBps(narrowed.relaying.ledger), RATE_BPS / 2);
  t.deepEqual(forwarded(narrowed), [ALL_SLICES]);
  t.deepEqual(limits(narrowed), [RATE_BPS]);
  t.deepEqual(forwarded(drained(narrowed)), [HALF]);
  t.deepEqual(limits(drained(narrowed)), [RATE_BPS / 2]);
});

test('an agreement that its client has ended is free at once and forwarded until it has drained', (t) => {
  const full = relaying();
  const outcome = dropAgreement(full, { client: 'C', agreement: 'C.1.1', reason: 'client.done' });
  t.true(outcome.commands?.some((command) => command.do === 'drain'));
  const ended = after(full, outcome);
  t.is(spareBps(ended.relaying.ledger), RATE_BPS);
  t.deepEqual(forwarded(ended), [ALL_SLICES]);
  t.deepEqual(limits(ended), [RATE_BPS]);
  t.deepEqual(forwarded(drained(ended)), []);
});

test('another agreement of the same client takes the place of its first, which drains', (t) => {
  const full = relaying();
  const outcome = consider(full, { request: request('C', 2, [camera(['E'])], 'C.1.2') });
  const replaced = after(full, outcome);
  t.is(replaced.relaying.agreements.size, 1);
  t.is(replaced.relaying.agreements.get('C')?.id, 'C.1.2');
  t.deepEqual(replaced.relaying.draining.get('C'), [camera(['D'])]);
  t.deepEqual(
    outcome.commands?.flatMap((command) => ('client' in command ? [command.do] : [])),
    ['drain', 'closeRelay', 'openRelay'],
  );
  const late = dropAgreement(replaced, { client: 'C', agreement: 'C.1.1', reason: 'client.done' });
  t.deepEqual(late, {}, 'the end of the first is none of the second');
});

const rate = fc.constantFrom(VOICE_BPS, RATE_BPS / 4, RATE_BPS, 3 * RATE_BPS);
const legs = fc.uniqueArray(fc.constantFrom(...RECEIVERS), { minLength: 1 });
const slices = fc.constantFrom(ALL_SLICES, HALF, ALL_SLICES & ~HALF, 1);
const terms = fc
  .array(fc.record({ legs, rateBps: rate, slices, stream: fc.constantFrom('camera', 'voice') }), { minLength: 1 })
  .map((all) => [...new Map(all.map((one) => [one.stream, camera(one.legs, one)])).values()]);
const step = fc.record({ terms, isDrained: fc.boolean(), isNew: fc.boolean() });

test('whoever adds and drops legs again and again gets no more forwarded than is promised and was promised at once', (t) => {
  const property = fc.property(fc.array(step, { minLength: 2, maxLength: 20 }), (steps) => {
    let context = lending(freshNegotiation(view), 8 * RATE_BPS);
    let agreement = 1;
    /** The most that was promised since what drains began to. */
    let beforeBps = 0;
    for (const [at, { terms, isDrained, isNew }] of steps.entries()) {
      const heldBps = context.relaying.ledger.promised.get('C') ?? 0;
      if (isDrained) {
        context = drained(context);
        beforeBps = 0;
      }
      beforeBps = Math.max(beforeBps, heldBps);
      if (isNew) agreement += 1;
      context = after(context, consider(context, { request: request('C', at + 1, terms, `C.1.${agreement}`) }));
      context = after(context, answerDeferred(context, { client: 'C' }));
      const promisedBps = context.relaying.ledger.promised.get('C') ?? 0;
      const limitBps = routes(context).reduce((sum, route) => sum + route.limitBps, 0);
      if (limitBps > (promisedBps + beforeBps) * (1 + 1e-9))
        throw new Error(`${limitBps} of ${promisedBps} + ${beforeBps}`);
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 500 }));
});

test('what a client sends until it hears that it is to go is forwarded, however far away it is', (t) => {
  const ms = (context: Context) =>
    (dropAgreement(context, { client: 'C', agreement: 'C.1.1', reason: 'relay.reclaimed' }).commands ?? []).flatMap(
      (command) => (command.do === 'drain' ? [command.forMs] : []),
    );
  t.deepEqual(ms(relaying()), [DELAYS.drain]);
  t.deepEqual(ms({ ...relaying(), reached: new Map([['C', 320]]) }), [DELAYS.drain + 480]);
  // Whoever answers checks ever later has nobody wait for ever.
  t.deepEqual(ms({ ...relaying(), reached: new Map([['C', 60_000]]) }), [DELAYS.drain + 900]);
});
