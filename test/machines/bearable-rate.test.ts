/** Where the ways that stand cost more than the upload holds: who waits, and when all get a lower rate instead. */
import test from 'ava';
import { runnable, type Situation } from '../../machines/negotiation/carry-out.ts';
import type { Paths, Ways } from '../../machines/paths.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { freshNegotiation } from './fresh-negotiation.ts';
import { member, source, viewOf } from './members.ts';

const MBIT = 1_000_000;
const directly: Ways = new Map([[null, ALL_SLICES]]);
const throughR: Ways = new Map([['R', ALL_SLICES]]);
/** S sends to R, who should forward to A and B. */
const wanted: Paths = new Map([
  ['R', directly],
  ['A', throughR],
  ['B', throughR],
]);

/** S has upload for 1 Mbit/s and a source that wants all of it; R has granted nothing. */
function situation(change: Partial<Situation>): Situation {
  const rates = { minBps: MBIT / 4, maxBps: MBIT, rateBps: MBIT };
  const self = member('S', { uploadBps: MBIT, usableBps: MBIT, source: source('S', rates) });
  const view = viewOf(self, member('R'), member('A'), member('B'));
  const context = freshNegotiation(view);
  const ledger = { ...context.relaying.ledger, usableBps: MBIT, lendBps: MBIT };
  return {
    ...context,
    relaying: { ...context.relaying, ledger },
    wanted,
    wantedRateBps: MBIT,
    rateBps: MBIT,
    ...change,
  };
}

test('for a moment whoever has no way yet waits, and the rate stays', (t) => {
  const { paths, rateBps } = runnable(situation({}));
  t.is(rateBps, MBIT);
  t.deepEqual([...paths.keys()], ['R']);
});

test('once that takes longer all get a lower rate', (t) => {
  const { paths, rateBps } = runnable(situation({ shortfalls: 1 }));
  t.is(rateBps, MBIT / 3);
  t.deepEqual(new Set(paths.keys()), new Set(['R', 'A', 'B']));
});

test('nobody is cut off for the sake of a higher rate', (t) => {
  const { paths, rateBps } = runnable(situation({ rateBps: MBIT / 4 }));
  t.is(rateBps, MBIT / 3);
  t.is(paths.size, 3);
});

test('the rate stays above the least of the source: then somebody has to wait', (t) => {
  const self = member('S', {
    uploadBps: MBIT,
    usableBps: MBIT,
    source: source('S', { minBps: MBIT / 2, maxBps: MBIT }),
  });
  const view = viewOf(self, member('R'), member('A'), member('B'));
  const { paths, rateBps } = runnable(situation({ shortfalls: 1, view }));
  t.is(rateBps, MBIT / 2);
  t.is(paths.size, 2);
});

test('what the relay grants brings the rate back', (t) => {
  const granted = ['A', 'B'].map((receiver) => ({ receiver, slices: ALL_SLICES }));
  const terms = { ssrc: 1, rateBps: MBIT, legs: [] };
  const asked = new Map([['R', { id: 'S.1.1', terms, granted, rateBps: MBIT }]]);
  t.is(runnable(situation({ asked, rateBps: MBIT / 3 })).rateBps, MBIT);
});
