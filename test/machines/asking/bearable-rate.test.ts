/** Where the ways that stand cost more than the upload holds: who waits, and when all get a lower rate instead. */
import test from 'ava';
import type { Paths, Ways } from '../../../machines/forwarding/paths.ts';
import { runnable, type Situation } from '../../../machines/negotiation/carry-out.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { camera, freshNegotiation } from '../fresh-negotiation.ts';
import { member, stream, VOICE_BPS, viewOf, voice } from '../members.ts';

const MBIT = 1_000_000;
const directly: Ways = new Map([[null, ALL_SLICES]]);
const throughR: Ways = new Map([['R', ALL_SLICES]]);
/** S sends to R, who should forward to A and B. */
const paths: Paths = new Map([
  ['R', directly],
  ['A', throughR],
  ['B', throughR],
]);

/** S has upload for 1 Mbit/s and a camera that wants all of it; R has granted nothing. */
function situation({ rateBps = MBIT, minBps = MBIT / 4, ...change }: Partial<Situation> & Partial<Rates>): Situation {
  const self = member('S', {
    uploadBps: MBIT,
    usableBps: MBIT,
    streams: [stream('S', { minBps }), voice('S', { minBps: VOICE_BPS / 4 })],
  });
  const view = viewOf(self, member('R'), member('A'), member('B'));
  const context = freshNegotiation(view);
  const ledger = { ...context.relaying.ledger, usableBps: MBIT, lendBps: MBIT };
  return {
    ...context,
    relaying: { ...context.relaying, ledger },
    wanted: new Map([['camera', paths]]),
    wantedRates: new Map([['camera', MBIT]]),
    rates: new Map([['camera', rateBps]]),
    ...change,
  };
}

interface Rates {
  /** What the camera sends now. */
  readonly rateBps: number;
  /** The least that it can send. */
  readonly minBps: number;
}

const ran = (now: Situation) => {
  const { streams, rates } = runnable(now);
  return { served: new Set(streams.get('camera')?.keys()), rateBps: rates.get('camera'), streams, rates };
};

test('for a moment whoever has no way yet waits, and the rate stays', (t) => {
  const { served, rateBps } = ran(situation({}));
  t.is(rateBps, MBIT);
  t.deepEqual(served, new Set(['R']));
});

test('where no relay is waited for, all get a lower rate at once: what is promised to others leaves too little', (t) => {
  const alone = situation({
    wanted: new Map([['camera', new Map(['R', 'A', 'B'].map((id) => [id, directly]))]]),
    wantedRates: new Map([['camera', MBIT / 3]]),
    rateBps: MBIT / 3,
  });
  const ledger = { ...alone.relaying.ledger, promised: new Map([['A', 0.1 * MBIT]]) };
  const { served, rateBps } = ran({ ...alone, relaying: { ...alone.relaying, ledger } });
  t.is(rateBps, (MBIT / 3) * 0.9);
  t.is(served.size, 3);
});

test('once that takes longer all get a lower rate', (t) => {
  const { served, rateBps } = ran(situation({ shortfalls: 1 }));
  t.is(rateBps, MBIT / 3);
  t.deepEqual(served, new Set(['R', 'A', 'B']));
});

test('nobody is cut off for the sake of a higher rate', (t) => {
  const { served, rateBps } = ran(situation({ rateBps: MBIT / 4 }));
  t.is(rateBps, MBIT / 3);
  t.is(served.size, 3);
});

test('the rate stays above the least of the stream: then somebody has to wait', (t) => {
  const { served, rateBps } = ran(situation({ shortfalls: 1, minBps: MBIT / 2 }));
  t.is(rateBps, MBIT / 2);
  t.is(served.size, 2);
});

test('what the relay grants brings the rate back', (t) => {
  const granted = [camera(['A', 'B'], { rateBps: MBIT })];
  const asked = new Map([['R', { id: 'S.1.1', terms: granted, granted, revision: 1 }]]);
  t.is(ran(situation({ asked, rateBps: MBIT / 3 })).rateBps, MBIT);
});

test('a voice keeps its rate and its receivers: the camera alone gives way', (t) => {
  const voices: Paths = new Map(['R', 'A', 'B'].map((id) => [id, directly]));
  const both = {
    wanted: new Map([
      ['camera', paths],
      ['voice', voices],
    ]),
    wantedRates: new Map([
      ['camera', MBIT],
      ['voice', VOICE_BPS],
    ]),
  };
  for (const shortfalls of [0, 1, 5]) {
    const { streams, rates } = ran(situation({ ...both, shortfalls }));
    t.is(rates.get('voice'), VOICE_BPS);
    t.deepEqual(streams.get('voice'), voices);
  }
  t.is(ran(situation({ ...both, shortfalls: 1 })).rateBps, (MBIT - 3 * VOICE_BPS) / 3);
  // Also where not even the voices fit: those that do keep theirs.
  const tight = situation({ ...both, shortfalls: 1 });
  const ledger = { ...tight.relaying.ledger, usableBps: 2 * VOICE_BPS };
  const { streams, rates } = runnable({ ...tight, relaying: { ...tight.relaying, ledger } });
  t.is(rates.get('voice'), VOICE_BPS);
  t.deepEqual([...(streams.get('voice')?.keys() ?? [])], ['R', 'A']);
  t.is(streams.get('camera')?.size, 0);
});
