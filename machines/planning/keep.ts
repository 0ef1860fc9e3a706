/** Plans that change as little as possible of what runs now. */

import { SLICE_COUNT } from '../slices.ts';
import type { Bound } from './bound.ts';
import type { KeepEffort } from './fill/around.ts';
import { type Filled, fill, fillAround, ownCopies } from './fill/fill.ts';
import type { Running } from './fill/running.ts';
import { highestLevel, type Leveled, leveled, ratesAt } from './level.ts';
import { withFewerRelays } from './repair/fewer-relays.ts';
import type { Room } from './room.ts';
import { isSplit, type Loads, loadsOf, type Share } from './share.ts';

/** How much of the rates is given up, at most, to leave things as they are. */
export const WORTH_KEEPING = 0.99;
/**
 * The parts of a fresh plan's rates at which it is tried to keep what runs, per mille, and with what effort. Rooms that grow to 40 are
 * at 99.6 % of the bound; further down first, less moves and rooms of 12 fall below 99.5 %.
 */
const TRIED: readonly { readonly effort: KeepEffort; readonly to: number }[] = [
  { effort: 'keep all', to: 994 },
  { effort: 'make way', to: 988 },
];
const ALL = 1000;
/** Loads are sums of rounded rates. */
const ROUNDING = 1e-9;

/** The plan of a room whose bound is feasible. `null`: not even the least rates find their places. */
export function levelAround(room: Room, bound: Bound, running: Running): Leveled | null {
  if (running.none) {
    const level = highestLevel(room, bound);
    return level && withFewerRelays(room, level);
  }
  const now = asItRuns(room, bound, running);
  if (now !== null && isGood(room, now, 1)) return now;
  const fresh = highestLevel(room, bound);
  if (fresh === null) return null;
  if (now !== null && isGood(room, now, fresh.free)) return now;
  return keepMost(room, bound, running, now, fresh) ?? withFewerRelays(room, fresh);
}

/** What runs, at the highest rates that it can have; `null` where it does not serve everybody. */
function asItRuns(room: Room, bound: Bound, running: Running): Leveled | null {
  const shares: Share[] = [];
  for (const [stream, { audience, whole }] of room.streams.entries()) {
    const { complete = 0, direct = [], fans = [] } = running.of(stream) ?? {};
    if (complete !== audience || (whole && isSplit({ direct, fans }))) return null;
    shares.push({ receivers: audience, direct, fans });
  }
  const free = partThatFits(room, bound, shares);
  const rates = ratesAt(room, bound, { free, held: 1 });
  return withinUploads(room, loadsOf(room, rates, shares)) ? { rates, shares, free, held: 1 } : null;
}

/**
 * Whether nothing need move: what runs is worth keeping, nobody who is relayed could be served direct, and no stream is split
 * that need not be.
 *
 * @param goal the part of the bound's rates that a fresh plan would reach
 */
function isGood(room: Room, now: Leveled, goal: number): boolean {
  if (now.free < WORTH_KEEPING * goal || couldSendMore(room, now)) return false;
  return !now.shares.some(isSplit) || fill(room, { rates: now.rates, split: () => false }) === null;
}

/** What runs is kept where it fits and the rest is planned around it; `null` where a fresh plan serves better. */
function keepMost(room: Room, bound: Bound, running: Running, now: Leveled | null, fresh: Leveled): Leveled | null {
  const needed = fresh.shares.map(isSplit);
  const someSplit = needed.includes(true);
  const alike = (stream: number): boolean => {
    const before = running.of(stream);
    return someSplit && (needed[stream] === true || (before !== undefined && isSplit(before)));
  };
  const around = (rates: readonly number[], effort: KeepEffort): Filled | null => {
    let someWhole = false;
    const split = (stream: number): boolean => {
      const isSplitNow = alike(stream);
      someWhole ||= !isSplitNow;
      return isSplitNow;
    };
    const filled = fillAround(room, { rates, split }, running, effort);
    if (filled !== null || !someSplit || !someWhole) return filled;
    return fillAround(room, { rates, split: () => true }, running, effort);
  };
  const stays = now !== null && now.free >= WORTH_KEEPING * fresh.free ? now : null;
  for (const { effort, to } of TRIED) {
    for (let mille = ALL; mille >= to; mille -= 1) {
      const part = mille / ALL;
      const parts = { free: part * fresh.free, held: fresh.held };
      // Rates that what runs can have as it is are worth no change.
      if (part < 1 && stays !== null && parts.free <= stays.free) break;
      const filled = around(ratesAt(room, bound, parts), effort);
      if (filled !== null) return leveled(filled, parts);
    }
  }
  return stays;
}

/** The largest part of the bound's free rates, 1 at most, at which no upload and no lending is exceeded. */
function partThatFits(room: Room, bound: Bound, shares: readonly Share[]): number {
  const isFixed = (stream: number): boolean => bound.held[stream] === true || room.streams[stream]?.audio === true;
  const fixed = loadsOf(
    room,
    bound.rates.map((rate, stream) => (isFixed(stream) ? rate : 0)),
    shares,
  );
  const free = loadsOf(
    room,
    bound.rates.map((rate, stream) => (isFixed(stream) ? 0 : rate)),
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

/** Whether an owner of a stream that has relays could send it to one more receiver itself. */
function couldSendMore(room: Room, { rates, shares }: Leveled): boolean {
  return room.peers.some(({ streams }, owner) => {
    const relayed = streams.filter((stream) => (shares[stream]?.fans.length ?? 0) > 0 && (rates[stream] ?? 0) > 0);
    if (relayed.length === 0) return false;
    const copies = ownCopies(room, owner, { rates, split: () => true }) ?? [];
    return streams.some((stream, at) => {
      const whole = Math.floor((copies[at] ?? 0) / SLICE_COUNT);
      return relayed.includes(stream) && whole > Math.min(...(shares[stream]?.direct ?? []));
    });
  });
}
