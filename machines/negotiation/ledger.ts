/**
 * What a peer has reserved of its upload, in bit/s. Own streams first, then agreements; what is promised to others never
 * exceeds what is lent nor what the own streams leave. Pure: every function returns a new ledger.
 */
import type { Leg, PeerId, StreamName } from '../messages.ts';
import { SLICE_COUNT, sliceBit, sliceBps } from '../slices.ts';
import { costBps, legsBps, masksOf, ofStream, type StreamLegs, type Terms } from './legs.ts';

export interface Ledger {
  /** Upload times headroom. */
  readonly usableBps: number;
  /** The most that agreements may hold together. */
  readonly lendBps: number;
  /** What the own streams need by the plan; agreements can't take it. */
  readonly ownWantedBps: number;
  /** What the own streams send now. */
  readonly ownInUseBps: number;
  /** By client, what its agreement holds. */
  readonly promised: ReadonlyMap<PeerId, number>;
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

/** What the own streams may send now: all that agreements do not hold. */
export function ownAllowanceBps(ledger: Ledger): number {
  return Math.max(0, ledger.usableBps - promisedBps(ledger));
}

/** How much more is promised than the own streams' wants and the lending leave; positive: some must be reclaimed. */
export function overdrawnBps(ledger: Ledger): number {
  const promised = promisedBps(ledger);
  return Math.max(0, promised - ledger.lendBps, promised + ledger.ownWantedBps - ledger.usableBps);
}

/**
 * Reserve for a client what fits of what it asks for. What it has in force (`standing`, part of what is asked) comes first and
 * counts as free for it. Of the rest, stream by stream in the order given: of video as many slices as fit, each for all who lack
 * it, since a source that can send one copy only can move nothing less; of audio, which is never split, whole legs.
 * `granted` is empty where nothing fits, and the ledger then unchanged.
 */
export function reserve(
  ledger: Ledger,
  client: PeerId,
  asked: Terms,
  standing: Terms,
  isWhole: (stream: StreamName) => boolean,
): { readonly ledger: Ledger; readonly granted: Terms } {
  const held = ledger.promised.get(client) ?? 0;
  const room = (held + spareBps(ledger)) * (1 + ROUNDING);
  // At the rates asked for: what stands may be about to cost more.
  const kept = standing.map((terms) => ({
    ...terms,
    rateBps: ofStream(asked, terms.stream)?.rateBps ?? terms.rateBps,
  }));
  let left = room - costBps(kept);
  if (left < 0) return { ledger, granted: [] };
  const granted = asked.flatMap((terms): StreamLegs[] => {
    const { stream, rateBps } = terms;
    const before = masksOf(ofStream(standing, stream)?.legs ?? []);
    const masks = isWhole(stream) ? wholeLegs(terms, before, left) : sliceBySlice(terms, before, left);
    const legs = [...masks].flatMap(([receiver, slices]) => (slices === 0 ? [] : [{ receiver, slices }]));
    left -= legsBps(legs, rateBps) - legsBps(toLegs(before), rateBps);
    return legs.length === 0 ? [] : [{ stream, rateBps, legs }];
  });
  if (granted.length === 0) return { ledger, granted };
  return { ledger: settle(ledger, client, costBps(granted)), granted };
}

/** Masks by receiver: what stands, and of the rest as many slices as fit, each for all who lack it. */
function sliceBySlice({ rateBps, legs }: StreamLegs, standing: ReadonlyMap<PeerId, number>, room: number) {
  const masks = new Map(standing);
  let left = room;
  for (let place = 0; place < SLICE_COUNT; place += 1) {
    const slice = sliceBit(place);
    const lacking = legs.filter(({ receiver, slices }) => slices & ~(masks.get(receiver) ?? 0) & slice);
    const price = lacking.length * sliceBps(slice, rateBps);
    if (price > left) continue;
    left -= price;
    for (const { receiver } of lacking) masks.set(receiver, (masks.get(receiver) ?? 0) | slice);
  }
  return masks;
}

/** Masks by receiver: what stands, and of the rest as many legs as fit, each as a whole. */
function wholeLegs({ rateBps, legs }: StreamLegs, standing: ReadonlyMap<PeerId, number>, room: number) {
  const masks = new Map(standing);
  let left = room;
  for (const { receiver, slices } of legs) {
    const price = sliceBps(slices & ~(masks.get(receiver) ?? 0), rateBps);
    if (price > left) continue;
    left -= price;
    masks.set(receiver, slices);
  }
  return masks;
}

function toLegs(masks: ReadonlyMap<PeerId, number>): Leg[] {
  return [...masks].map(([receiver, slices]) => ({ receiver, slices }));
}

/** The agreement with this client holds exactly this from now on. */
export function settle(ledger: Ledger, client: PeerId, bps: number): Ledger {
  return { ...ledger, promised: new Map(ledger.promised).set(client, bps) };
}

/** The agreement ended. */
export function release(ledger: Ledger, client: PeerId): Ledger {
  if (!ledger.promised.has(client)) return ledger;
  const promised = new Map(ledger.promised);
  promised.delete(client);
  return { ...ledger, promised };
}

/** Sums of sixteenths of a rate differ in the last bits by their order; a packet a year is not an overdraft. */
const ROUNDING = 1e-9;
