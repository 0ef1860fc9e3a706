/** A room settles on one plan: nobody amends every agreement for a hair's breadth of rate. */
import test from 'ava';
import { plan } from '../../../machines/negotiation/asking.ts';
import type { Context } from '../../../machines/negotiation/state.ts';
import { after, freshNegotiation } from '../fresh-negotiation.ts';
import { member, RATE_BPS, stream, viewOf } from '../members.ts';

/** A sends to B, with as much upload as this, at any rate. */
function contextWith(usableBps: number): Context {
  const free = stream('A', { minBps: RATE_BPS / 10, maxBps: 10 * RATE_BPS });
  const self = member('A', { streams: [free], uploadBps: usableBps, usableBps, lendBps: usableBps });
  return freshNegotiation(viewOf(self, member('B')));
}

const planned = (context: Context, view = context.view): Context => after(context, plan({ ...context, view }));
const rateOf = (context: Context) => context.wantedRates.get('camera');

test('a rise of the planned rate that is too small to be worth it is left', (t) => {
  const before = planned(contextWith(RATE_BPS));
  t.is(rateOf(before), RATE_BPS);
  t.is(rateOf(planned(before, contextWith(1.004 * RATE_BPS).view)), RATE_BPS);
  t.is(rateOf(planned(before, contextWith(1.01 * RATE_BPS).view)), 1.01 * RATE_BPS);
});

test('a rate that must be lower is lowered by however little', (t) => {
  const before = planned(contextWith(RATE_BPS));
  t.is(rateOf(planned(before, contextWith(0.999 * RATE_BPS).view)), 0.999 * RATE_BPS);
});
