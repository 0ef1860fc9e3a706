/** A request granted in part is granted in full as soon as others let go, without being asked again. */
import test from 'ava';
import {
  answerDeferred,
  consider,
  considerDeferred,
  lapseAmendment,
  takeAccept,
} from '../../machines/negotiation/lending.ts';
import type { Context, Outcome, Request } from '../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { freshNegotiation, lending } from './fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from './members.ts';

const [self, client, receiver] = [member('R'), member('C'), member('D')];
const legs = [{ receiver: receiver.id, slices: ALL_SLICES, address: receiver.media }];
const body = { agreement: 'C.1.1', revision: 1, ssrc: client.source?.ssrc ?? 0, rateBps: RATE_BPS, legs };
const request: Request = { kind: 'relay.request', from: client.id, epoch: 1, seq: 1, body };

test('the rest of a partial offer is offered when the ledger has room', (t) => {
  const view = viewOf(self, client, receiver);
  let context = freshNegotiation(view);
  const lend = (copies: number) => {
    context = lending(context, copies * RATE_BPS);
  };
  const offeredAfter = (step: typeof considerDeferred) => {
    const { patch, commands = [] } = step(context);
    context = { ...context, ...patch };
    return commands.flatMap((command) =>
      command.do === 'publish' && command.message.kind === 'relay.offer' ? [command.message.body.legs[0]?.slices] : [],
    );
  };
  lend(0.5);
  t.deepEqual(
    offeredAfter((now) => consider(now, { request })),
    [],
  );
  t.deepEqual(
    offeredAfter((now) => answerDeferred(now, { agreement: 'C.1.1' })),
    [0x5555],
  );
  t.deepEqual(offeredAfter(considerDeferred), []);
  lend(1);
  t.deepEqual(offeredAfter(considerDeferred), [ALL_SLICES]);
  t.is(context.deferred.size, 0);
});

test('the rest of what has been accepted is in force at once, whether the client accepts it once more or not', (t) => {
  const view = viewOf(self, client, receiver);
  const context = freshNegotiation(view);
  const after = (from: Context, { patch }: Outcome): Context => ({ ...from, ...patch });
  const accept = { kind: 'relay.accept', from: client.id, epoch: 1, seq: 2, body: { agreement: 'C.1.1', revision: 1 } };

  const half = lending(context, 0.5 * RATE_BPS);
  const waiting = after(half, consider(half, { request }));
  const partly = after(waiting, answerDeferred(waiting, { agreement: 'C.1.1' }));
  const taken = after(partly, takeAccept(partly, { message: { ...accept, kind: 'relay.accept' } }));
  const accepted = lending(taken, RATE_BPS);
  const whole = after(accepted, considerDeferred(accepted));
  const lapsed = after(whole, lapseAmendment(whole, { agreement: 'C.1.1' }));
  for (const now of [whole, lapsed])
    t.deepEqual(
      now.relaying.agreements.get('C.1.1')?.inForce?.legs.map(({ slices }) => slices),
      [ALL_SLICES],
    );
});
