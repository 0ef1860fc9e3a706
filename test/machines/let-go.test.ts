/** What a client has let go of is free at its relay at once, however its messages and the relay's answers cross. */
import test from 'ava';
import type { Body } from '../../machines/messages.ts';
import { passToClient } from '../../machines/negotiation/asking.ts';
import { consider, takeRelease } from '../../machines/negotiation/lending.ts';
import type { Context, Request } from '../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { freshNegotiation, lending } from './fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from './members.ts';

const [self, client, receiver] = [member('R'), member('C'), member('D')];
/** A relay with upload for so many copies of the client's source. */
function relayWith(copies: number): Context {
  const context = freshNegotiation(viewOf(self, client, receiver));
  return lending(context, copies * RATE_BPS);
}

function request(revision: number, slices: number): Request {
  const legs = [{ receiver: receiver.id, slices, address: receiver.media }];
  const body = { agreement: 'C.1.1', revision, ssrc: client.source?.ssrc ?? 0, rateBps: RATE_BPS, legs };
  return { kind: 'relay.request', from: client.id, epoch: 1, seq: revision, body };
}

const taken = (context: Context, asked: Request): Context => ({
  ...context,
  ...consider(context, { request: asked }).patch,
});

const released: Body<'relay.release'> = { agreement: 'C.1.1', reason: 'client.done', noticeMs: 0 };

test('a request that waits for an answer is forgotten when its client lets go', (t) => {
  const waiting = taken(relayWith(0.5), request(1, ALL_SLICES));
  t.is(waiting.deferred.size, 1);
  const message = { kind: 'relay.release' as const, from: client.id, epoch: 1, seq: 2, body: released };
  t.is(takeRelease(waiting, { message }).patch?.deferred?.size, 0);
  t.is(takeRelease(waiting, { message: { ...message, from: receiver.id } }).patch?.deferred?.size, 1);
});

test('an offer of what is no longer asked for is answered with a release', (t) => {
  const body = { agreement: 'R.1.1', revision: 1, legs: [], spareBps: 0, holdMs: 1 };
  const message = { kind: 'relay.offer' as const, from: client.id, epoch: 1, seq: 1, body };
  t.deepEqual(passToClient(relayWith(1), { message }).commands, [
    { do: 'publish', to: client.id, message: { kind: 'relay.release', body: { ...released, agreement: 'R.1.1' } } },
  ]);
});

test('terms refused before any were accepted end the offer of earlier terms', (t) => {
  const offered = taken(relayWith(0.5), request(1, 0x00ff));
  t.true(offered.relaying.agreements.has('C.1.1'));
  const narrow = { ...offered, relaying: { ...offered.relaying, ledger: { ...offered.relaying.ledger, lendBps: 0 } } };
  const { commands } = consider(narrow, { request: request(2, 0xff00) });
  t.deepEqual(commands?.[0], {
    do: 'tellRelay',
    agreement: 'C.1.1',
    event: { type: 'end', reason: 'client.done', tellClient: false },
  });
});

test('a late copy of earlier terms does not displace later ones that wait', (t) => {
  const waiting = taken(relayWith(0.5), request(2, ALL_SLICES));
  t.is(taken(waiting, request(1, ALL_SLICES)).deferred.get('C.1.1')?.request.body.revision, 2);
});
