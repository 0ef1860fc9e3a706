/**
 * What a peer has reserved of its upload, in bit/s. Own stream first, then agreements; what is promised to others never
 * exceeds what is lent nor what the own stream leaves. Pure: every function returns a new ledger.
 */
import type { AddressedLeg, Leg } from '../messages.ts';
import { SLICE_COUNT, sliceBit, sliceBps } from '../slices.ts';
import { masksOf } from './legs.ts';

export interface Ledger {
  /** Upload times headroom. */
  readonly usableBps: number;
  /** The most that agreements may hold together. */
  readonly lendBps: number;
  /** What the own stream needs by the plan; agreements can't take it. */
  readonly ownWantedBps: number;
  /** What the own stream sends now. */
  readonly ownInUseBps: number;
  /** Per agreement, what it holds. While terms are being amended it holds the larger of the old and the new. */
  readonly promised: ReadonlyMap<string, number>;
}

export const EMPTY_LEDGER: Ledger = { usableBps: 0, lendBps: 0, ownWantedBps: 0, ownInUseBps: 0, promised: new Map() };

export function promisedBps(ledger: Ledger): number {
  let sum = 0;
  for (const bps of ledger.promised.values()) sum += bps;
  return sum;
}

/** What can still be promised; 0 where more is promised than a shrunken upload holds. */
export function spareBps(ledger: Ledger): number {
  const promised = promisedBps(ledger);
  const own = Math.max(ledger.ownWantedBps, ledger.ownInUseBps);
  return Math.max(0, Math.min(ledger.lendBps - promised, ledger.usableBps - own - promised));
}

/** What the own stream may send now: all that agreements do not hold. */
export function ownAllowanceBps(ledger: Ledger): number {
  return Math.max(0, ledger.usableBps - promisedBps(ledger));
}

/** How much more is promised than the own stream's wants and the lending leave; positive: some must be reclaimed. */
export function overdrawnBps(ledger: Ledger): number {
  const promised = promisedBps(ledger);
  return Math.max(0, promised - ledger.lendBps, promised + ledger.ownWantedBps - ledger.usableBps);
}

/** What forwarding these legs costs. */
export function legsBps(legs: readonly { readonly slices: number }[], rateBps: number): number {
  return legs.reduce((sum, leg) => sum + sliceBps(leg.slices, rateBps), 0);
}

/**
 * Reserve for an agreement what fits of the legs asked for. What it has in force (`standing`, part of what is asked) comes
 * first and counts as free for it; of the rest as many slices as fit, each for all who lack it: a source that can send one
 * copy only can move nothing less. `granted` is empty where nothing fits, and the ledger then unchanged.
 */
export function reserve(
  ledger: Ledger,
  agreement: string,
  legs: readonly AddressedLeg[],
  standing: readonly Leg[],
  rateBps: number,
): { readonly ledger: Ledger; readonly granted: readonly AddressedLeg[] } {
  const held = ledger.promised.get(agreement) ?? 0;
  const room = (held + spareBps(ledger)) * (1 + ROUNDING);
  const masks = masksOf(standing);
  let cost = legsBps(standing, rateBps);
  if (cost > room) return { ledger, granted: [] };
  for (let place = 0; place < SLICE_COUNT; place += 1) {
    const slice = sliceBit(place);
    const lacking = legs.filter(({ receiver, slices }) => slices & ~(masks.get(receiver) ?? 0) & slice);
    const price = lacking.length * sliceBps(slice, rateBps);
    if (cost + price > room) continue;
    cost += price;
    for (const { receiver } of lacking) masks.set(receiver, (masks.get(receiver) ?? 0) | slice);
  }
  const granted = legs.flatMap((leg) => {
    const slices = masks.get(leg.receiver) ?? 0;
    return slices === 0 ? [] : [{ ...leg, slices }];
  });
  if (granted.length === 0) return { ledger, granted };
  return { ledger: hold(ledger, agreement, Math.max(held, cost)), granted };
}

/** Terms accepted: the agreement holds exactly this from now on. */
export function settle(ledger: Ledger, agreement: string, bps: number): Ledger {
  return hold(ledger, agreement, bps);
}

/** The agreement ended. */
export function release(ledger: Ledger, agreement: string): Ledger {
  if (!ledger.promised.has(agreement)) return ledger;
  const promised = new Map(ledger.promised);
  promised.delete(agreement);
  return { ...ledger, promised };
}

/** Sums of sixteenths of a rate differ in the last bits by their order; a packet a year is not an overdraft. */
const ROUNDING = 1e-9;

function hold(ledger: Ledger, agreement: string, bps: number): Ledger {
  return { ...ledger, promised: new Map(ledger.promised).set(agreement, bps) };
}
