/** A request granted in part is granted in full as soon as others let go, without being asked again. */
import test from 'ava';
import { initialTransition } from 'xstate';
import {
  answerDeferred,
  consider,
  considerDeferred,
  lapseAmendment,
  takeAccept,
} from '../../machines/negotiation/lending.ts';
import type { Context, Outcome, Request } from '../../machines/negotiation/state.ts';
import { negotiationMachine } from '../../machines/negotiation.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { member, RATE_BPS, viewOf } from './members.ts';

const [self, client, receiver] = [member('R'), member('C'), member('D')];
const legs = [{ receiver: receiver.id, slices: ALL_SLICES, address: receiver.media }];
const body = { agreement: 'C.1.1', revision: 1, ssrc: client.source?.ssrc ?? 0, rateBps: RATE_BPS, legs };
const request: Request = { kind: 'relay.request', from: client.id, epoch: 1, seq: 1, body };

test('the rest of a partial offer is offered when the ledger has room', (t) => {
  const view = viewOf(self, client, receiver);
  const parent = { send: () => undefined } as never;
  let [{ context }] = initialTransition(negotiationMachine, { epoch: 1, view, parent });
  const lend = (copies: number) => {
    const ledger = { ...context.relaying.ledger, usableBps: copies * RATE_BPS, lendBps: copies * RATE_BPS };
    context = { ...context, relaying: { ...context.relaying, ledger } };
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
  const parent = { send: () => undefined } as never;
  const [{ context }] = initialTransition(negotiationMachine, { epoch: 1, view, parent });
  const lending = (from: Context, copies: number): Context => {
    const ledger = { ...from.relaying.ledger, usableBps: copies * RATE_BPS, lendBps: copies * RATE_BPS };
    return { ...from, relaying: { ...from.relaying, ledger } };
  };
  const after = (from: Context, { patch }: Outcome): Context => ({ ...from, ...patch });
  const accept = { kind: 'relay.accept', from: client.id, epoch: 1, seq: 2, body: { agreement: 'C.1.1', revision: 1 } };

  const waiting = after(lending(context, 0.5), consider(lending(context, 0.5), { request }));
  const partly = after(waiting, answerDeferred(waiting, { agreement: 'C.1.1' }));
  const accepted = lending(after(partly, takeAccept(partly, { message: { ...accept, kind: 'relay.accept' } })), 1);
  const whole = after(accepted, considerDeferred(accepted));
  const lapsed = after(whole, lapseAmendment(whole, { agreement: 'C.1.1' }));
  for (const now of [whole, lapsed])
    t.deepEqual(
      now.relaying.agreements.get('C.1.1')?.inForce?.legs.map(({ slices }) => slices),
      [ALL_SLICES],
    );
});
