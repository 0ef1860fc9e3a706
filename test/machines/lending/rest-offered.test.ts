/** A request granted in part is granted in full as soon as others let go, without being asked again. */
import test from 'ava';
import { answerDeferred, consider, considerDeferred } from '../../../machines/negotiation/lending.ts';
import type { Context, Outcome } from '../../../machines/negotiation/state.ts';
import { withoutMember } from '../../../machines/view.ts';
import { after, camera, freshNegotiation, lending, request } from '../fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from '../members.ts';

const asked = request('C', 1, [camera(['D'])]);
const fresh = freshNegotiation(viewOf(member('R'), member('C'), member('D')));

/** What a step offers, and the context after it. */
function offered(context: Context, step: (now: Context) => Outcome) {
  const outcome = step(context);
  const slices = (outcome.commands ?? []).flatMap((command) =>
    command.do === 'publish' && command.message.kind === 'relay.offer'
      ? command.message.body.streams.flatMap(({ legs }) => legs.map(({ slices }) => slices))
      : [],
  );
  return { context: after(context, outcome), slices };
}

test('the rest of a partial offer is offered when the ledger has room', (t) => {
  const waiting = offered(lending(fresh, RATE_BPS / 2), (now) => consider(now, { request: asked }));
  t.deepEqual(waiting.slices, []);
  const partly = offered(waiting.context, (now) => answerDeferred(now, { client: 'C' }));
  t.deepEqual(partly.slices, [0x5555]);
  const unchanged = offered(partly.context, considerDeferred);
  t.deepEqual(unchanged.slices, []);
  const whole = offered(lending(unchanged.context, RATE_BPS), considerDeferred);
  t.deepEqual(whole.slices, [0xffff]);
  t.is(whole.context.deferred.size, 0);
  t.deepEqual(whole.context.relaying.agreements.get('C')?.streams, [camera(['D'])], 'and is in force at once');
});

test('where only a part of the rest can be granted, it waits for more as a new request would', (t) => {
  const waiting = offered(lending(fresh, RATE_BPS / 4), (now) => consider(now, { request: asked }));
  const partly = offered(waiting.context, (now) => answerDeferred(now, { client: 'C' })).context;
  const waits = (context: Context) =>
    (considerDeferred(context).commands ?? []).filter((command) => command.do === 'wait');
  t.deepEqual(waits(partly), []);
  t.deepEqual(waits(lending(partly, RATE_BPS / 2)), [{ do: 'wait', client: 'C' }]);
});

test('nor does it wait anew for somebody whom the relay does not know', (t) => {
  const waiting = offered(lending(fresh, RATE_BPS / 4), (now) => consider(now, { request: asked }));
  const partly = offered(waiting.context, (now) => answerDeferred(now, { client: 'C' })).context;
  const gone = { ...partly, view: withoutMember(partly.view, 'D') };
  t.deepEqual(considerDeferred(gone).commands, []);
  t.true(gone.deferred.has('C'));
});

test('what is let go of as nothing can be granted is free, whoever is asked when', (t) => {
  const full = offered(lending(fresh, 2 * RATE_BPS), (now) => consider(now, { request: asked })).context;
  // The relay learns of E only after it has looked at the request for the first time.
  const more = request('C', 2, [
    camera(['D'], { slices: 0xff, rateBps: 5 * RATE_BPS }),
    camera(['E'], { stream: 'x' }),
  ]);
  const waiting = offered(full, (now) => consider(now, { request: more })).context;
  t.is(waiting.relaying.ledger.promised.get('C'), RATE_BPS);
  const later = offered(waiting, (now) => answerDeferred(now, { client: 'C' })).context;
  t.is(later.relaying.ledger.promised.get('C'), RATE_BPS / 2);
});

test('who asks again gets what there is at once', (t) => {
  const waiting = offered(lending(fresh, RATE_BPS / 2), (now) => consider(now, { request: asked }));
  const again = offered(waiting.context, (now) => consider(now, { request: asked }));
  t.deepEqual(again.slices, [0x5555]);
  const third = offered(again.context, (now) => consider(now, { request: asked }));
  t.deepEqual(third.slices, [0x5555], 'the offer was lost');
});
