/** Plans that change as little as possible of what runs now. */
import type { Bound } from './bound.ts';
import type { Incumbents } from './incumbents.ts';
import { type Loads, loadsOf } from './loads.ts';
import { type Packing, pack, packTight } from './packing.ts';
import { type Leveled, leveled, ratesAt } from './rates.ts';
import type { Room } from './room.ts';
import { isSplit, type Share } from './share.ts';

/** How much of the rates is given up, at most, to leave things as they are. */
const WORTH_KEEPING = 0.99;
/** The parts of a fresh plan's rates at which it is tried to keep what runs. */
const TRIED_PARTS = [1, 0.9975, 0.995, 0.9925, WORTH_KEEPING];
/** Loads are sums of rounded rates. */
const ROUNDING = 1e-9;

/** What runs, at the highest rates that it can have; `null` where it does not serve everybody. */
export function asItRuns(room: Room, bound: Bound, incumbents: Incumbents): Leveled | null {
  const shares: Share[] = [];
  for (const [source, peer] of room.peers.entries()) {
    const { complete = 0, direct = [], fans = [] } = incumbents.of(source) ?? {};
    if (complete !== peer.audience) return null;
    shares.push({ receivers: peer.audience, direct, fans });
  }
  const free = partThatFits(room, bound, shares);
  const rates = ratesAt(room, bound, free, 1);
  return withinUploads(room, loadsOf(room, rates, shares)) ? { rates, shares, free, held: 1 } : null;
}

/** @param goal the part of the bound's rates that a fresh plan would reach */
function isWorthKeeping({ free }: Leveled, goal: number): boolean {
  return free >= WORTH_KEEPING * goal;
}

/**
 * Whether nothing need move: what runs is worth keeping, nobody who is relayed could be served direct, and no stream is split
 * that need not be.
 *
 * @param goal the part of the bound's rates that a fresh plan would reach
 */
export function isGoodAsItRuns(room: Room, running: Leveled, goal: number): boolean {
  if (!isWorthKeeping(running, goal)) return false;
  const { rates, shares } = running;
  if (shares.some((share, source) => couldSendMore(room, source, share, rates[source] ?? 0))) return false;
  return !shares.some(isSplit) || pack(room, { rates, split: () => false }) === null;
}

/** What runs is kept where it fits and the rest is planned around it; `null` where a fresh plan serves better. */
export function keepMost(
  room: Room,
  bound: Bound,
  incumbents: Incumbents,
  running: Leveled | null,
  fresh: Leveled,
): Leveled | null {
  const needed = fresh.shares.map(isSplit);
  const someSplit = needed.includes(true);
  const runsSplit = (source: number): boolean => {
    const now = incumbents.of(source);
    return now !== undefined && isSplit(now);
  };
  const alike = (source: number): boolean => someSplit && (needed[source] === true || runsSplit(source));
  const packed = (rates: readonly number[]): Packing | null =>
    pack(room, { rates, split: alike }, incumbents) ??
    (someSplit ? pack(room, { rates, split: () => true }, incumbents) : null);
  const packedTight = (rates: readonly number[]): Packing | null => packTight(room, rates, incumbents);
  const highest = (attempt: typeof packed, parts: readonly number[]): Leveled | null => {
    for (const part of parts) {
      const free = part * fresh.free;
      const packing = attempt(ratesAt(room, bound, free, fresh.held));
      if (packing !== null) return leveled(packing, { free, held: fresh.held });
    }
    return null;
  };
  const stays = running !== null && isWorthKeeping(running, fresh.free) ? running : null;
  // Rates that what runs can have as it is are worth no change.
  const parts = TRIED_PARTS.filter((part) => part === 1 || part * fresh.free > (stays?.free ?? 0));
  return (
    highest(packed, parts) ??
    // So that a plan of the kind that comes next stays as it is when it runs.
    stays ??
    // Who finds no place between what all others keep makes some of it move; a fresh plan would move nearly all.
    highest(packedTight, [1, WORTH_KEEPING])
  );
}

/** The largest part of the bound's free rates, 1 at most, at which no upload and no lending is exceeded. */
function partThatFits(room: Room, bound: Bound, shares: readonly Share[]): number {
  const fixed = loadsOf(
    room,
    bound.rates.map((rate, index) => (bound.held[index] ? rate : 0)),
    shares,
  );
  const free = loadsOf(
    room,
    bound.rates.map((rate, index) => (bound.held[index] ? 0 : rate)),
    shares,
  );
  let part = 1;
  room.peers.forEach((peer, index) => {
    const forwarded = { fixed: fixed.forwarded[index] ?? 0, free: free.forwarded[index] ?? 0 };
    const all = { fixed: forwarded.fixed + (fixed.own[index] ?? 0), free: forwarded.free + (free.own[index] ?? 0) };
    if (all.free > 0) part = Math.min(part, (peer.usableBps - all.fixed) / all.free);
    if (forwarded.free > 0) part = Math.min(part, (peer.lendBps - forwarded.fixed) / forwarded.free);
  });
  return part;
}

function withinUploads(room: Room, { own, forwarded }: Loads): boolean {
  return room.peers.every((peer, index) => {
    const lent = forwarded[index] ?? 0;
    const sent = lent + (own[index] ?? 0);
    return sent <= peer.usableBps * (1 + ROUNDING) && lent <= peer.lendBps * (1 + ROUNDING);
  });
}

/** Whether a source that has relays could send one more receiver everything itself. */
function couldSendMore(room: Room, source: number, share: Share, rate: number): boolean {
  if (share.fans.length === 0 || rate === 0) return false;
  const copies = Math.floor((room.peers[source]?.usableBps ?? 0) / rate + ROUNDING);
  return copies > Math.min(...share.direct);
}
