/** Legs as what is asked for, granted and held: slices by receiver. Pure. */
import type { Leg, PeerId } from '../messages.ts';

export function masksOf(legs: readonly Leg[]): Map<PeerId, number> {
  return new Map(legs.map(({ receiver, slices }) => [receiver, slices]));
}

/** Of these legs, the slices that the mask of their receiver has; legs of none are left out. */
export function cutLegs<L extends Leg>(legs: readonly L[], maskOf: (receiver: PeerId) => number): L[] {
  return legs.flatMap((leg) => {
    const slices = leg.slices & maskOf(leg.receiver);
    return slices === 0 ? [] : [{ ...leg, slices }];
  });
}

/** Whether less, or anything else, is granted than was asked for. */
export function isLess(granted: readonly Leg[], asked: readonly Leg[]): boolean {
  const masks = masksOf(granted);
  return asked.some(({ receiver, slices }) => masks.get(receiver) !== slices);
}
