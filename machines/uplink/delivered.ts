/** What came, where there is no queue and yet every leg loses: a line that drops what is too much at once. */
import { LOSES, type Seen } from './capacity.ts';
import type { Leg } from './leg.ts';
import { excessLoss, sharedLoss } from './shared-loss.ts';

/** Loss is looked at over so many slots: 500 ms. In fewer of a slow line chance looks like it. */
export const LOSS_SLOTS = 20;
/** Packets that have been told of: fewer say nothing of a share, of all legs together or of one. */
const LEAST_TOLD = 20;
const LEAST_TOLD_OF_LEG = 5;

/** @param sentBps what left in the slots up to this one. @returns undefined where it is not the line that loses */
export function deliveredOf(legs: readonly Leg[], slot: number, sentBps: number): Seen['delivered'] {
  const first = slot - LOSS_SLOTS + 1;
  const told = legs.map((leg) => leg.slots.between(first, slot).packets);
  const used = legs.filter((_, index) => (told[index] ?? 0) > 0);
  if (told.reduce((sum, of) => sum + of, 0) < LEAST_TOLD) return undefined;
  if (told.some((of) => of > 0 && of < LEAST_TOLD_OF_LEG)) return undefined;
  // What each loses of itself has to be known before.
  if (used.some(({ floor }) => !floor.isSettled)) return undefined;
  if (!used.every((leg) => excessLoss(leg, first, slot) > LOSES)) return undefined;
  if (!sharedLoss(used, first, slot).isPlain) return undefined;
  const loss = Math.min(...used.map((leg) => lossOf(leg, slot)));
  return { bps: sentBps * (1 - loss), loss };
}

/** What a leg lost in the slots up to this one, as a share. */
export function lossOf({ slots }: Leg, slot: number): number {
  const { told, lost } = slots.between(slot - LOSS_SLOTS + 1, slot);
  return told === 0 ? 0 : lost / told;
}
