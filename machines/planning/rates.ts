/** From the bound's rates to rates that can be packed into slices. */
import type { Bound } from './bound.ts';
import { type Packing, pack, packTight } from './packing.ts';
import type { Room } from './room.ts';
import type { Share } from './share.ts';

/** Rates that are parts of the bound's, and the shares that carry them; by peer index. */
export interface Leveled {
  readonly rates: readonly number[];
  readonly shares: readonly Share[];
  /** The part of the bound's rate that a source gets. */
  readonly free: number;
  /** The same for the sources that their own limits hold. */
  readonly held: number;
}

/** How exact the level of the rates is: nobody sees a tenth of a per mille. */
const PRECISION = 1e-4;
/** From one guess of what packing wastes to the next. */
const GUESS_FACTOR = 4;
/** How exact the waste is found, relative to itself. */
const WASTE_PRECISION = 1 / 16;
/** From here on rates are whole bit/s; smaller ones, as in toy rooms, keep their fractions. */
const WHOLE_BPS = 10_000;

/** The highest part of the bound's rates that can be packed. Sources held by their own limits give way last. */
export function packHighest(room: Room, bound: Bound): Leveled | null {
  const full = packFewestSplit(room, ratesAt(room, bound, 1, 1));
  if (full !== null) return leveled(full, { free: 1, held: 1 });
  return (
    searchLevel(room, bound, (free) => ({ free, held: 1 })) ??
    searchLevel(room, bound, (both) => ({ free: both, held: both })) ??
    packLeast(room, bound)
  );
}

/** At the least rates, with all effort. */
function packLeast(room: Room, bound: Bound): Leveled | null {
  const packing = packTight(room, ratesAt(room, bound, 0, 0));
  return packing === null ? null : leveled(packing, { free: 0, held: 0 });
}

export function leveled({ rates, shares }: Packing, parts: Pick<Leveled, 'free' | 'held'>): Leveled {
  return { rates, shares, ...parts };
}

/** @param free the part of the bound's rate that sources get; @param held the same for those that their own limits hold */
export function ratesAt(room: Room, bound: Bound, free: number, held: number): number[] {
  return room.peers.map((peer, index) => {
    const rate = (bound.rates[index] ?? 0) * (bound.held[index] ? held : free);
    const rounded = rate >= WHOLE_BPS ? Math.floor(rate) : rate;
    return Math.max(peer.source?.minBps ?? 0, rounded);
  });
}

function searchLevel(
  room: Room,
  bound: Bound,
  parts: (part: number) => { free: number; held: number },
): Leveled | null {
  const ratesFor = (part: number): number[] => {
    const { free, held } = parts(part);
    return ratesAt(room, bound, free, held);
  };
  let packing: Packing | null = null;
  const fits = (part: number): boolean => {
    const tried = pack(room, { rates: ratesFor(part), split: () => true });
    packing = tried ?? packing;
    return tried !== null;
  };
  // Large rooms waste next to nothing: guesses that grow find the level in fewer steps than halving everything.
  let high = 1;
  let low = 1 - PRECISION;
  for (let waste = PRECISION; !fits(low); ) {
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
  const fewest = packFewestSplit(room, ratesFor(low), packing);
  return fewest === null ? null : leveled(fewest, parts(low));
}

/**
 * Whole streams where they reach the goal; else as few sources are split as do.
 *
 * @param allSplit what packing gave at these rates with every source split, if that is known
 */
export function packFewestSplit(room: Room, rates: readonly number[], allSplit: Packing | null = null): Packing | null {
  const order = byWaste(room, rates);
  const places = new Map(order.map((source, place) => [source, place]));
  const attempt = (splitCount: number): Packing | null =>
    pack(room, { rates, split: (source) => (places.get(source) ?? splitCount) < splitCount });
  const whole = attempt(0);
  if (whole !== null) return whole;
  let best = allSplit ?? attempt(order.length);
  if (best === null) return null;
  let low = 0;
  let high = order.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const packing = attempt(middle);
    if (packing === null) low = middle;
    else {
      high = middle;
      best = packing;
    }
  }
  return best;
}

/** Sources that lack upload, those first that lose most of it where only whole copies count. */
function byWaste(room: Room, rates: readonly number[]): number[] {
  const wasted = room.peers.map((peer, index) => {
    const rate = rates[index] ?? 0;
    return rate > 0 && peer.audience * rate > peer.usableBps ? peer.usableBps % rate : -1;
  });
  return wasted
    .flatMap((waste, index) => (waste >= 0 ? [index] : []))
    .sort((a, b) => (wasted[b] ?? 0) - (wasted[a] ?? 0) || a - b);
}
