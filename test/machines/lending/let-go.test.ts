/** What a client has let go of is free at its relay at once, however its messages and the relay's answers cross. */
import test from 'ava';
import type { Body } from '../../../machines/messages.ts';
import { passToClient } from '../../../machines/negotiation/asking.ts';
import { consider, takeRelease } from '../../../machines/negotiation/lending.ts';
import type { Context, Request } from '../../../machines/negotiation/state.ts';
import { after, camera, freshNegotiation, lending, publishedBy, request } from '../fresh-negotiation.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, viewOf } from '../members.ts';
import { CLIENT_AGREEMENT } from '../terrains.ts';

/** A relay with upload for so many copies of the client's camera. */
const relayWith = (copies: number) =>
  lending(freshNegotiation(viewOf(member('R'), member('C'), member('D'))), copies * RATE_BPS);
const taken = (context: Context, asked: Request) => after(context, consider(context, { request: asked }));
const released: Body<'relay.release'> = { agreement: 'C.1.1', reason: 'client.done', noticeMs: 0 };

test('a request that waits for an answer is forgotten when its client lets go', (t) => {
  const waiting = taken(relayWith(0.5), request('C', 1, [camera(['D'])]));
  t.is(waiting.deferred.size, 1);
  const message = { kind: 'relay.release' as const, from: 'C', epoch: 1, seq: 2, body: released };
  t.is(after(waiting, takeRelease(waiting, { message })).deferred.size, 0);
  t.is(after(waiting, takeRelease(waiting, { message: { ...message, from: 'D' } })).deferred.size, 1);
});

test('an offer of what is no longer asked for is answered with a release', (t) => {
  const body = { agreement: 'R.1.1', revision: 1, streams: [], spareBps: 0 };
  const message = { kind: 'relay.offer' as const, from: 'C', epoch: 1, seq: 1, body };
  const outcome = passToClient(relayWith(1), { message });
  t.deepEqual(publishedBy(outcome), [{ kind: 'relay.release', body: { ...released, agreement: 'R.1.1' } }]);
});

test('a late copy of earlier terms does not displace later ones that wait, nor those that are granted', (t) => {
  const waiting = taken(relayWith(0.5), request('C', 2, [camera(['D'])]));
  t.is(taken(waiting, request('C', 1, [camera(['D'])])).deferred.get('C')?.request.body.revision, 2);
  const granted = taken(relayWith(1), request('C', 2, [camera(['D'], { slices: 0xff })]));
  t.deepEqual(consider(granted, { request: request('C', 1, [camera(['D'])]) }), {});
});

test('terms that the relay has no room for free what they no longer ask for, as they wait', (t) => {
  const granted = taken(relayWith(1), request('C', 1, [camera(['D'])]));
  const narrowed = taken(granted, request('C', 2, [camera(['D'], { rateBps: 2 * RATE_BPS, slices: 0xff00 })]));
  t.is(narrowed.relaying.ledger.promised.get('C'), RATE_BPS);
  const wider = taken(granted, request('C', 2, [camera(['D'], { rateBps: 3 * RATE_BPS, slices: 0xff00 })]));
  t.is(wider.relaying.ledger.promised.get('C'), RATE_BPS / 2);
  t.is(wider.deferred.size, 1);
});

test('what an amendment gives up does not make a later, smaller offer look like less', (t) => {
  const { send, told, state } = alone(CLIENT_AGREEMENT);
  const offer = (revision: number, receivers: string[], slices: number) => ({
    type: 'relay.offer',
    body: { agreement: 'A.1.1', revision, streams: [{ stream: 'camera', legs: [{ slices, receivers }] }], spareBps: 0 },
  });
  send({ type: 'terms', terms: [camera(['C', 'D'])], revision: 2 });
  send(offer(2, ['C', 'D'], 0xffff));
  send({ type: 'terms', terms: [camera(['E'])], revision: 3 });
  const refused = { agreement: 'A.1.1', revision: 3, code: 'capacity.exhausted', spareBps: 0 };
  send({ type: 'relay.reject', body: refused });
  t.is(state(), 'inForce.steady');
  told.splice(0);
  send(offer(3, ['E'], 0x00ff));
  t.deepEqual(told, [
    { type: 'agreement.granted', relay: 'B', terms: [camera(['E'], { slices: 0x00ff })], revision: 3 },
  ]);
});
