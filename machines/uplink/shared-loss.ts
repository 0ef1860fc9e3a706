/** What is lost over all legs beyond what each loses of itself: what a full queue drops. */
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
  const chance = DEVIATIONS * Math.sqrt(usual / told / packets);
  return { share: excess / told, isPlain: excess / told > chance };
}

/** What one leg loses beyond its own floor. */
export function excessLoss({ slots, floor }: Leg, first: number, last: number): number {
  const { told, lost } = slots.between(first, last);
  return told === 0 ? 0 : Math.max(0, lost / told - (floor.share ?? 0));
}

/** Judged over all that is remembered: in a moment a full queue may drop one leg's packets alone. */
function isStrange(leg: Leg, legs: readonly Leg[], last: number): boolean {
  const own = excessLoss(leg, last - SLOTS + 1, last);
  let [told, excess] = [0, 0];
  for (const other of legs) {
    if (other === leg) continue;
    const of = other.slots.between(last - SLOTS + 1, last);
    told += of.told;
    excess += Math.max(0, of.lost - (other.floor.share ?? 0) * of.told);
  }
  return told > 0 && own > (STRANGE_RATIO * excess) / told + STRANGE_MARGIN;
}

function believedOf(legs: readonly Leg[], last: number): readonly Leg[] {
  return legs.length < 2 ? legs : legs.filter((leg) => !isStrange(leg, legs, last));
}
