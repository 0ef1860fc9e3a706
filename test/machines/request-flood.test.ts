/** One who asks for ever more must not fill a relay's memory. */
import test from 'ava';
import type { Body } from '../../machines/messages.ts';
import { decide } from '../../machines/negotiation/answering.ts';
import { consider } from '../../machines/negotiation/lending.ts';
import { NOT_RELAYING } from '../../machines/negotiation/relaying.ts';
import type { Request } from '../../machines/negotiation/state.ts';
import { freshNegotiation } from './fresh-negotiation.ts';
import { member, viewOf } from './members.ts';

const [self, client, receiver] = [member('R'), member('C'), member('D')];
const view = viewOf(self, client, receiver);

function request(agreement: string, from = client): Body<'relay.request'> {
  const legs = [{ receiver: receiver.id, slices: 1, address: receiver.media }];
  return { agreement, revision: 1, ssrc: from.source?.ssrc ?? 0, rateBps: 0, legs };
}

test('a client gets a few agreements and no more, even where they cost nothing', (t) => {
  const ledger = { ...NOT_RELAYING.ledger, usableBps: self.usableBps, lendBps: self.lendBps };
  let relaying = { ...NOT_RELAYING, ledger };
  for (let count = 0; count < 100; count++) {
    const decision = decide(relaying, client.id, request(`C.${count}`), { view, leaving: false, patient: false });
    if (decision.type === 'offered') relaying = decision.relaying;
    else t.like(decision, { type: 'rejected', reply: { body: { code: 'request.invalid' } } });
  }
  t.is(relaying.agreements.size, 4);
});

test('requests of strangers wait for the view, but only so many at once', (t) => {
  let context = freshNegotiation(view);
  const stranger = member('X');
  for (let count = 0; count < 1000; count++) {
    const body = request(`X.${count}`, stranger);
    const asked: Request = { kind: 'relay.request', from: stranger.id, epoch: 1, seq: count, body };
    context = { ...context, ...consider(context, { request: asked }).patch };
  }
  t.is(context.deferred.size, 64);
});
