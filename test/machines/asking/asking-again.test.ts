/** What a relay has refused is asked for once more, and one that is gone round is asked again when its time is over. */
import test from 'ava';
import { askAgain } from '../../../machines/negotiation/asking.ts';
import { requestsOf } from '../../../machines/negotiation/carry-out.ts';
import type { Context } from '../../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { camera, freshNegotiation } from '../fresh-negotiation.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, sending, viewOf } from '../members.ts';
import { NEGOTIATION } from '../terrains.ts';

const terms = [camera(['D'])];
const throughR = new Map([['camera', new Map([['D', new Map([['R', ALL_SLICES]])]])]]);

/** S wants its camera to go through R, which has granted nothing yet. */
const asking: Context = {
  ...freshNegotiation(viewOf(member('S'), member('R'), member('D'))),
  wanted: throughR,
  wantedRates: new Map([['camera', RATE_BPS]]),
  asked: new Map([['R', { id: 'S.1.1', terms, granted: [], revision: 0 }]]),
  revisions: 1,
};

test('what was refused is asked for by a new revision', (t) => {
  const { patch, commands } = askAgain({ ...asking, refusals: new Map([['R', 1]]) });
  t.deepEqual(commands, [{ do: 'tellClient', agreement: 'S.1.1', event: { type: 'terms', terms, revision: 2 } }]);
  t.is(patch?.revisions, 2);
});

test('a request that nobody has answered yet is not said again', (t) => {
  t.deepEqual(askAgain(asking).commands, []);
  t.deepEqual(askAgain({ ...asking, asked: new Map(), refusals: new Map([['R', 1]]) }).commands, []);
});

test('a relay is kept while anything goes through it, also what only drains', (t) => {
  const nothing = { wanted: new Map(), wantedRates: new Map() };
  t.deepEqual(requestsOf({ ...asking, ...nothing, held: throughR }).end, []);
  t.deepEqual(requestsOf({ ...asking, ...nothing, inForce: throughR }).end, []);
  t.deepEqual(requestsOf({ ...asking, ...nothing }).end, ['R']);
  t.deepEqual(requestsOf(asking).end, []);
});

test('for a stream that gets no rate nothing is asked', (t) => {
  t.deepEqual(requestsOf(asking).terms.get('R'), terms);
  t.is(requestsOf({ ...asking, wantedRates: new Map() }).terms.get('R'), undefined);
});

test('one that refused is asked again once it is trusted again', (t) => {
  const { send, published, clock } = alone(NEGOTIATION);
  const asked = () => published.flatMap(({ to, message }) => (message.kind === 'relay.request' ? [to] : []));
  send({ type: 'view.changed', view: viewOf(sending('A', 1, 1), sending('B', 1, 6), member('C', { lendBps: 0 })) });
  clock.runUntil(DELAYS.planSettle);
  const body = { agreement: 'A.1.1', revision: 1, code: 'lending.off', spareBps: 0 };
  send({ type: 'relay.reject', message: { kind: 'relay.reject', from: 'B', epoch: 1, seq: 1, body } });
  clock.runUntil(DELAYS.planSettle + DELAYS.distrust - 1);
  t.deepEqual(asked(), ['B']);
  clock.runUntil(2 * DELAYS.planSettle + DELAYS.distrust);
  t.deepEqual(asked(), ['B', 'B']);
});
