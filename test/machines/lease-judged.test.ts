/** A lease that ran out while the bus may have failed: the client's media keeps it only while it says that it comes this way. */
import test from 'ava';
import { judgeLease } from '../../machines/negotiation/lending.ts';
import type { Context } from '../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { freshNegotiation } from './fresh-negotiation.ts';
import { member, RATE_BPS, source, viewOf } from './members.ts';

const AGREEMENT = 'C.1.1';

/** R relays for C, whose media arrives; C's last presence says that its source goes through these relays. */
function relayFor(...relays: readonly (string | null)[]): Context {
  const routes = relays.map((relay) => ({ relay, slices: ALL_SLICES, receivers: ['D'] }));
  const view = viewOf(member('R'), member('C', { routes }), member('D'));
  const context = freshNegotiation(view);
  const inForce = { revision: 1, rateBps: RATE_BPS, legs: [] };
  const { ssrc } = source('C');
  const agreement = { id: AGREEMENT, client: 'C', ssrc, inForce, offered: null, noticed: false };
  const relaying = { ...context.relaying, agreements: new Map([[AGREEMENT, agreement]]) };
  return { ...context, relaying, mediaAlive: new Set(['C']) };
}

const verdict = (context: Context) =>
  judgeLease(context, { agreement: AGREEMENT }).commands?.flatMap((command) =>
    command.do === 'tellRelay' ? [command.event.type] : [],
  );

test('a client that names this relay keeps its lease while its media comes and the bus may have failed', (t) => {
  t.deepEqual(verdict(relayFor('R')), ['proven']);
  t.deepEqual(verdict({ ...relayFor('R'), mediaAlive: new Set() }), ['end']);
  t.deepEqual(verdict({ ...relayFor('R'), heardSinceRenewal: new Map([[AGREEMENT, 3]]) }), ['end']);
});

test('a client that sends otherwise now has let go, and its word was lost', (t) => {
  t.deepEqual(verdict(relayFor(null)), ['end']);
  t.deepEqual(verdict(relayFor('Q')), ['end']);
});
