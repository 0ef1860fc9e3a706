/** The numbers of a plan: the rates and each source's share, for the whole room. */
import { type Bound, boundOf } from './bound.ts';
import { type Demand, pack, type Share } from './packing.ts';
import type { Room } from './room.ts';

export interface Decision {
  readonly bound: Bound;
  /** By peer index. */
  readonly rates: readonly number[];
  readonly shares: readonly Share[];
}

/** After so many halvings the level of the rates is exact to a thousandth of a per mille. */
const HALVINGS = 20;
/** From here on rates are whole bit/s; smaller ones, as in toy rooms, keep their fractions. */
const WHOLE_BPS = 10_000;

export function decide(room: Room): Decision {
  const bound = boundOf(room);
  const best = bound.feasible ? highest(room, bound) : null;
  if (best !== null) return { bound, ...best };
  throw new Error('not yet');
}

interface Packed {
  readonly rates: readonly number[];
  readonly shares: readonly Share[];
}

/** The highest share of the bound's rates that packs; sources held by their own limits give way last. */
function highest(room: Room, bound: Bound): Packed | null {
  const full = packAt(room, ratesAt(room, bound, 1, 1));
  if (full !== null) return full;
  const free = searchDown((factor) => ratesAt(room, bound, factor, 1), room);
  return free ?? searchDown((factor) => ratesAt(room, bound, factor, factor), room);
}

function searchDown(ratesFor: (factor: number) => number[], room: Room): Packed | null {
  let low = 0;
  let high = 1;
  if (packSplit(room, ratesFor(0)) === null) return null;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (packSplit(room, ratesFor(middle)) === null) high = middle;
    else low = middle;
  }
  return packAt(room, ratesFor(low));
}

function ratesAt(room: Room, bound: Bound, free: number, held: number): number[] {
  return room.peers.map((peer, index) => {
    const rate = (bound.rates[index] ?? 0) * (bound.held[index] ? held : free);
    const rounded = rate >= WHOLE_BPS ? Math.floor(rate) : rate;
    return Math.max(peer.source?.minBps ?? 0, rounded);
  });
}

/** Whole streams where they reach the goal; else as few split sources as do. */
function packAt(room: Room, rates: readonly number[]): Packed | null {
  const order = byWaste(room, rates);
  const attempt = (splitCount: number): Share[] | null => {
    const split = new Set(order.slice(0, splitCount));
    return pack(
      room,
      demandsOf(room, rates, (index) => split.has(index)),
    );
  };
  const whole = attempt(0);
  if (whole !== null) return { rates, shares: whole };
  let best = attempt(order.length);
  if (best === null) return null;
  let low = 0;
  let high = order.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const shares = attempt(middle);
    if (shares === null) low = middle;
    else {
      high = middle;
      best = shares;
    }
  }
  return { rates, shares: best };
}

function packSplit(room: Room, rates: readonly number[]): Packed | null {
  const shares = pack(
    room,
    demandsOf(room, rates, () => true),
  );
  return shares === null ? null : { rates, shares };
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

function demandsOf(room: Room, rates: readonly number[], split: (index: number) => boolean): Demand[] {
  return room.peers.map((peer, index) => ({
    rate: rates[index] ?? 0,
    receivers: peer.audience,
    split: split(index),
  }));
}
