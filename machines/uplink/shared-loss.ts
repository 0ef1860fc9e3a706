/** What is lost over all legs beyond what each loses of itself: what a full queue drops. */
import { LOSES } from './capacity.ts';
import type { Leg } from './leg.ts';
import { SLOTS } from './slots.ts';

/** A leg that loses so much more than the others together tells of its own way, or lies; a full queue drops from all, if not at once. */
const STRANGE_RATIO = 3;
const STRANGE_MARGIN = 0.1;

export interface SharedLoss {
  /** Of what was sent between two slots, both included: below 0 where less was lost than is usual. */
  readonly share: number;
  /** So much that chance does not explain it. */
  readonly isPlain: boolean;
}

/** So many standard deviations of what a leg loses of itself are no chance. */
const DEVIATIONS = 4;
/**
 * Few losses follow no bell curve, but Poisson's law. Their square roots do, with a deviation of a half however few they are (Bartlett
 * 1936): so many packets more are chance, too.
 */
const FEW = DEVIATIONS ** 2 / 4;

export function sharedLoss(legs: readonly Leg[], first: number, last: number): SharedLoss {
  const believed = believedOf(legs, last);
  let [packets, told, excess, usual] = [0, 0, 0, 0];
  for (const leg of believed) {
    const of = leg.slots.between(first, last);
    const floor = leg.floor.share ?? 0;
    packets += of.packets;
    told += of.told;
    usual += floor * of.told;
    excess += of.lost - floor * of.told;
  }
  if (told === 0) return { share: 0, isPlain: false };
  const usualPackets = (usual / told) * packets;
  const chance = (DEVIATIONS * Math.sqrt(usualPackets) + FEW) / packets;
  return { share: excess / told, isPlain: excess / told > chance };
}

/**
 * What a full queue drops, as a share: of copies that leave one after the other it may drop all but the first ones, and whoever gets
 * nothing tells nothing. So where others tell of losses, what nobody tells of is lost, too.
 */
export function lossOfFull(legs: readonly Leg[], first: number, last: number): number {
  const { share } = sharedLoss(legs, first, last);
  if (share <= LOSES) return share;
  let [sent, came] = [0, 0];
  for (const { slots, floor } of believedOf(legs, last)) {
    const of = slots.between(first, last);
    sent += of.sent;
    came += (of.told - of.lost) / (1 - (floor.share ?? 0));
  }
  return sent === 0 ? share : Math.max(share, 1 - came / sent);
}

/** What one leg loses beyond its own floor. */
export function excessLoss({ slots, floor }: Leg, first: number, last: number): number {
  const { told, lost } = slots.between(first, last);
  return told === 0 ? 0 : Math.max(0, lost / told - (floor.share ?? 0));
}

/**
 * All but those that are strange, judged over all that is remembered: in a moment a full queue may drop one leg's packets alone. Each is
 * looked at once, however many there are.
 */
function believedOf(legs: readonly Leg[], last: number): readonly Leg[] {
  if (legs.length < 2) return legs;
  const seen = legs.map(({ slots, floor }) => {
    const { told, lost } = slots.between(last - SLOTS + 1, last);
    return { told, excess: Math.max(0, lost - (floor.share ?? 0) * told) };
  });
  const all = seen.reduce((sum, of) => ({ told: sum.told + of.told, excess: sum.excess + of.excess }));
  return legs.filter((_, index) => {
    const { told, excess } = seen[index] ?? { told: 0, excess: 0 };
    const others = { told: all.told - told, excess: all.excess - excess };
    if (told === 0 || others.told <= 0) return true;
    return excess / told <= (STRANGE_RATIO * others.excess) / others.told + STRANGE_MARGIN;
  });
}
