/** Two clients that wait for each other's capacity: whoever gets nothing for long gives up what it holds elsewhere, a few slices at a time. */
import test from 'ava';
import { askAgain, noteGranted } from '../../machines/negotiation/asking.ts';
import { requestsOf } from '../../machines/negotiation/carry-out.ts';
import type { Context } from '../../machines/negotiation/state.ts';
import type { Paths } from '../../machines/paths.ts';
import { ALL_SLICES, sliceCount } from '../../machines/slices.ts';
import { freshNegotiation } from './fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from './members.ts';

/** What D gets through A, and should get through B, who has no room for it. */
const ELSEWHERE = 0xfc00;

function waiting(): Context {
  const view = viewOf(member('S'), member('A'), member('B'), member('D'));
  const context = freshNegotiation(view);
  const through = (relay: string, slices: number): Paths => new Map([['D', new Map([[relay, slices]])]]);
  const inForce: Paths = new Map([
    [
      'D',
      new Map([
        ['A', ELSEWHERE],
        ['B', ALL_SLICES & ~ELSEWHERE],
      ]),
    ],
  ]);
  const terms = { ssrc: 1, rateBps: RATE_BPS, legs: [] };
  const agreement = (relay: string, slices: number) => {
    return [relay, { id: `S.1.${relay}`, terms, granted: [{ receiver: 'D', slices }], rateBps: RATE_BPS }] as const;
  };
  const asked = new Map([agreement('A', ELSEWHERE), agreement('B', ALL_SLICES & ~ELSEWHERE)]);
  return { ...context, wanted: through('B', ALL_SLICES), wantedRateBps: RATE_BPS, inForce, held: inForce, asked };
}

const retried = (context: Context): Context => ({ ...context, ...askAgain(context).patch });
/** How many slices A is still asked to carry. */
const keptAtA = (context: Context) =>
  sliceCount(
    requestsOf(context)
      .terms.get('A')
      ?.legs.reduce((mask, { slices }) => mask | slices, 0) ?? 0,
  );

test('after the third retry it gives up, wherever they lie, four slices more each time', (t) => {
  let context = waiting();
  const kept = [1, 2, 3, 4].map(() => {
    context = retried(context);
    return keptAtA(context);
  });
  t.deepEqual(kept, [6, 6, 2, 0]);
});

test('once something is granted no more is given up', (t) => {
  const given = [1, 2, 3].reduce(retried, waiting());
  const granting = { relay: 'B', legs: [{ receiver: 'D', slices: 0x07ff }], rateBps: RATE_BPS };
  const context = { ...given, ...noteGranted(given, granting).patch };
  t.is(context.yields, 0);
  t.is(context.shortfalls, 0);
});
