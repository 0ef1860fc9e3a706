/** From the bound's rates to rates at which sixteenths of streams find their places: as high as they do. */
import type { Bound } from './bound.ts';
import { type Filled, fill, fillTight } from './fill/fill.ts';
import type { Room } from './room.ts';
import type { Share } from './share.ts';

/** Rates that are parts of the bound's, and the shares that carry them; by stream index. */
export interface Leveled {
  readonly rates: readonly number[];
  readonly shares: readonly Share[];
  /** The part of the bound's rate that a stream gets. */
  readonly free: number;
  /** The same for the streams that their own limits hold; audio always has all of it. */
  readonly held: number;
}

type Parts = Pick<Leveled, 'free' | 'held'>;

/** How exact the level of the rates is: nobody sees a tenth of a per mille. */
const PRECISION = 1e-4;
/** From one guess of what filling wastes to the next. */
const GUESS_FACTOR = 4;
/** How exact the waste is found, relative to itself. */
const WASTE_PRECISION = 1 / 16;
/** From here on rates are whole bit/s; smaller ones, as in toy rooms, keep their fractions. */
const WHOLE_BPS = 10_000;

/** The highest part of the bound's rates that finds its places. Streams held by their own limits give way last. */
export function highestLevel(room: Room, bound: Bound): Leveled | null {
  const all = { free: 1, held: 1 };
  const full = fillWholeFirst(room, ratesAt(room, bound, all));
  if (full !== null) return leveled(full, all);
  return (
    searchLevel(room, bound, (free) => ({ free, held: 1 })) ??
    searchLevel(room, bound, (both) => ({ free: both, held: both })) ??
    leastLevel(room, bound)
  );
}

/** At the least rates, with all effort. */
function leastLevel(room: Room, bound: Bound): Leveled | null {
  const least = { free: 0, held: 0 };
  const filled = fillTight(room, ratesAt(room, bound, least));
  return filled === null ? null : leveled(filled, least);
}

/** Whole streams where they find their places; else any that needs relays may be split. */
export function fillWholeFirst(room: Room, rates: readonly number[]): Filled | null {
  return fill(room, { rates, split: () => false }) ?? fill(room, { rates, split: () => true });
}

export function leveled({ rates, shares }: Filled, parts: Parts): Leveled {
  return { rates, shares, ...parts };
}

export function ratesAt(room: Room, bound: Bound, { free, held }: Parts): number[] {
  return room.streams.map(({ audio, minBps, wanted, layers }, index) => {
    // A layer that nobody receives is not sent.
    if (wanted === 0 && layers.length > 1) return 0;
    const part = audio ? 1 : bound.held[index] ? held : free;
    const rate = (bound.rates[index] ?? 0) * part;
    return Math.max(minBps, rate >= WHOLE_BPS ? Math.floor(rate) : rate);
  });
}

/** Nearly all of it mostly fits: the search begins there, and goes down in growing steps until it has both ends. */
function searchLevel(room: Room, bound: Bound, partsOf: (part: number) => Parts): Leveled | null {
  let best = null as { readonly filled: Filled; readonly parts: Parts } | null;
  const fits = (part: number): boolean => {
    const parts = partsOf(part);
    const filled = fill(room, { rates: ratesAt(room, bound, parts), split: () => true });
    if (filled !== null) best = { filled, parts };
    return filled !== null;
  };
  let waste = PRECISION;
  let high = 1;
  let low = 1 - waste;
  while (!fits(low)) {
    if (low === 0) return null;
    waste *= GUESS_FACTOR;
    high = low;
    low = Math.max(0, 1 - waste);
  }
  const width = Math.max(PRECISION, (1 - low) * WASTE_PRECISION);
  while (high - low > width) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  const whole = fill(room, { rates: ratesAt(room, bound, partsOf(low)), split: () => false });
  if (whole !== null) return leveled(whole, partsOf(low));
  return best === null ? null : leveled(best.filled, best.parts);
}
