/** A relay that does not answer: one that forwards already is asked again, any other is not trusted for a while. */
import test from 'ava';
import { noteRefused } from '../../machines/negotiation/asking.ts';
import type { Context } from '../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { freshNegotiation } from './fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from './members.ts';

const leg = { receiver: 'A', slices: ALL_SLICES };

function clientOf(relay: string, granted: readonly (typeof leg)[]): Context {
  const view = viewOf(member('S'), member(relay), member('A'));
  const context = freshNegotiation(view);
  const terms = { ssrc: 1, rateBps: RATE_BPS, legs: [] };
  return { ...context, asked: new Map([[relay, { id: 'S.1.1', terms, granted, rateBps: RATE_BPS }]]) };
}

const refused = (context: Context): Context => ({
  ...context,
  ...noteRefused(context, { relay: 'R', code: 'timeout' }).patch,
});

test('a relay that grants nothing yet and does not answer is not to be relied on', (t) => {
  t.true(refused(clientOf('R', [])).distrusted.has('R'));
});

test('of a relay that forwards already an answer was lost: it is asked again, but not for ever', (t) => {
  let context = clientOf('R', [leg]);
  const distrusted = [1, 2, 3, 4].map(() => {
    context = refused(context);
    return context.distrusted.has('R');
  });
  t.deepEqual(distrusted, [false, false, false, true]);
});
