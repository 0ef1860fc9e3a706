/** Legs as what is asked for, granted and held: slices by stream and receiver. Pure. */
import type { Leg, LegGroup, PeerId, StreamName } from '../messages.ts';
import { sliceBps, sliceCount } from '../slices.ts';

/** Legs of one stream, at this rate of the whole stream (bit/s). */
export interface StreamLegs {
  readonly stream: StreamName;
  readonly rateBps: number;
  readonly legs: readonly Leg[];
}

/** What is asked of a relay, or granted by it: each stream once, in the order in which they matter. */
export type Terms = readonly StreamLegs[];

export function masksOf(legs: readonly Leg[]): Map<PeerId, number> {
  return new Map(legs.map(({ receiver, slices }) => [receiver, slices]));
}

export function ofStream<T extends { readonly stream: StreamName }>(
  streams: readonly T[],
  stream: StreamName,
): T | undefined {
  return streams.find((other) => other.stream === stream);
}

/** What forwarding costs, bit/s. */
export function costBps(terms: Terms): number {
  return terms.reduce((sum, { rateBps, legs }) => sum + legsBps(legs, rateBps), 0);
}

export function legsBps(legs: readonly Leg[], rateBps: number): number {
  return legs.reduce((sum, { slices }) => sum + sliceBps(slices, rateBps), 0);
}

export function sliceCountOf(terms: readonly Pick<StreamLegs, 'legs'>[]): number {
  return terms.reduce((sum, { legs }) => sum + legs.reduce((count, { slices }) => count + sliceCount(slices), 0), 0);
}

/** Of these terms, what others ask for too, at the lower of both rates; streams of which nothing is left are left out. */
export function cutTerms(terms: Terms, to: Terms): StreamLegs[] {
  return terms.flatMap(({ stream, rateBps, legs }) => {
    const asked = ofStream(to, stream);
    if (asked === undefined) return [];
    const masks = masksOf(asked.legs);
    const kept = cutLegs(legs, (receiver) => masks.get(receiver) ?? 0);
    return kept.length === 0 ? [] : [{ stream, rateBps: Math.min(rateBps, asked.rateBps), legs: kept }];
  });
}

/** Of these terms, the legs that others do not ask for any more. */
export function letGoOf(terms: Terms, to: Terms): StreamLegs[] {
  return terms.flatMap(({ stream, rateBps, legs }) => {
    const masks = masksOf(ofStream(to, stream)?.legs ?? []);
    const gone = cutLegs(legs, (receiver) => ~(masks.get(receiver) ?? 0));
    return gone.length === 0 ? [] : [{ stream, rateBps, legs: gone }];
  });
}

/** Both together, each stream at its higher rate. */
export function unionTerms(a: Terms, b: Terms): StreamLegs[] {
  const union = new Map(a.map((terms) => [terms.stream, terms]));
  for (const terms of b) {
    const before = union.get(terms.stream);
    union.set(
      terms.stream,
      before === undefined
        ? terms
        : {
            ...terms,
            rateBps: Math.max(before.rateBps, terms.rateBps),
            legs: unionLegs(before.legs, terms.legs),
          },
    );
  }
  return [...union.values()];
}

function unionLegs(a: readonly Leg[], b: readonly Leg[]): Leg[] {
  const masks = masksOf(a);
  for (const { receiver, slices } of b) masks.set(receiver, (masks.get(receiver) ?? 0) | slices);
  return [...masks].map(([receiver, slices]) => ({ receiver, slices }));
}

/** Of these legs, the slices that the mask of their receiver has; legs of none are left out. */
export function cutLegs<L extends Leg>(legs: readonly L[], maskOf: (receiver: PeerId) => number): L[] {
  return legs.flatMap((leg) => {
    const slices = leg.slices & maskOf(leg.receiver);
    return slices === 0 ? [] : [{ ...leg, slices }];
  });
}

/** Whether less, or anything else, is granted than was asked for. */
export function isLess(granted: readonly Pick<StreamLegs, 'stream' | 'legs'>[], asked: Terms): boolean {
  return asked.some(({ stream, legs }) => {
    const masks = masksOf(ofStream(granted, stream)?.legs ?? []);
    return legs.some(({ receiver, slices }) => masks.get(receiver) !== slices);
  });
}

/** Legs as a message carries them: who gets the same slices stands together. */
export function groupsOf(legs: readonly Leg[]): LegGroup[] {
  const groups = new Map<number, PeerId[]>();
  for (const { receiver, slices } of legs) {
    const group = groups.get(slices);
    if (group === undefined) groups.set(slices, [receiver]);
    else group.push(receiver);
  }
  return [...groups].map(([slices, receivers]) => ({ slices, receivers }));
}

/** The inverse of {@link groupsOf}. */
export function legsOf(groups: readonly LegGroup[]): Leg[] {
  return groups.flatMap(({ slices, receivers }) => receivers.map((receiver) => ({ receiver, slices })));
}
