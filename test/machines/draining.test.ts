/** What a client lets go of holds nothing of its relay's upload from then on; what is on its way is forwarded all the same. */
import test from 'ava';
import { spareBps } from '../../machines/negotiation/ledger.ts';
import { consider, dropAgreement, finishDraining } from '../../machines/negotiation/lending.ts';
import { relayedRoutes } from '../../machines/negotiation/relaying.ts';
import type { Context, Outcome, Request } from '../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { freshNegotiation, lending } from './fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from './members.ts';

const [self, client, receiver] = [member('R'), member('C'), member('D')];
const AGREEMENT = 'C.1.1';
const HALF = 0x00ff;

const after = (context: Context, { patch }: Outcome): Context => ({ ...context, ...patch });

function request(revision: number, slices: number): Request {
  const legs = [{ receiver: receiver.id, slices, address: receiver.media }];
  const body = { agreement: AGREEMENT, revision, ssrc: client.source?.ssrc ?? 0, rateBps: RATE_BPS, legs };
  return { kind: 'relay.request', from: client.id, epoch: 1, seq: revision, body };
}

/** A relay that forwards all of its client's stream to one receiver, and can do no more. */
function relaying(): Context {
  const view = viewOf(self, client, receiver);
  const context = freshNegotiation(view);
  const able = lending(context, RATE_BPS);
  const offered = after(able, consider(able, { request: request(1, ALL_SLICES) }));
  const agreement = offered.relaying.agreements.get(AGREEMENT);
  if (agreement === undefined) throw new Error('the relay had upload for this and did not offer it');
  const agreements = new Map([[AGREEMENT, { ...agreement, inForce: agreement.offered, offered: null }]]);
  return { ...offered, relaying: { ...offered.relaying, agreements } };
}

const forwarded = (context: Context) =>
  relayedRoutes(context.relaying, context.view).map(({ legs }) => legs[0]?.slices);

const limits = (context: Context) => relayedRoutes(context.relaying, context.view).map(({ limitBps }) => limitBps);

test('slices that an amendment lets go of are free at once and forwarded until they have drained', (t) => {
  const full = relaying();
  t.is(spareBps(full.relaying.ledger), 0);
  const outcome = consider(full, { request: request(2, HALF) });
  t.true(outcome.commands?.some((command) => command.do === 'drain'));
  const narrowed = after(full, outcome);
  t.is(spareBps(narrowed.relaying.ledger), RATE_BPS / 2);
  t.deepEqual(forwarded(narrowed), [ALL_SLICES]);
  t.deepEqual(limits(narrowed), [RATE_BPS]);
  t.deepEqual(forwarded(after(narrowed, finishDraining(narrowed, { agreement: AGREEMENT }))), [HALF]);
});

test('an agreement that its client has ended is free at once and forwarded until it has drained', (t) => {
  const full = relaying();
  const outcome = dropAgreement(full, { agreement: AGREEMENT, reason: 'client.done' });
  t.true(outcome.commands?.some((command) => command.do === 'drain'));
  const ended = after(full, outcome);
  t.is(spareBps(ended.relaying.ledger), RATE_BPS);
  t.deepEqual(forwarded(ended), [ALL_SLICES]);
  t.deepEqual(limits(ended), [RATE_BPS]);
  t.deepEqual(forwarded(after(ended, finishDraining(ended, { agreement: AGREEMENT }))), []);
});
