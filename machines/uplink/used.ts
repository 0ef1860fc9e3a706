/** How much of what a line carries is used: of an uplink, and of one leg's own way. */
import { WAITING_MS } from './capacity-sample.ts';

/** The rest lets a queue empty, and hides what is not known exactly. */
export const USED = 0.95;
export const LEAST_USED = 0.5;
/** At so much of a queue beyond {@link WAITING_MS} nothing would be sent. */
const EMPTIED_OVER_MS = 300;

/** As a share; less where packets wait. */
export function usedShare(queueMs: number): number {
  return Math.max(LEAST_USED, USED - Math.max(0, queueMs - WAITING_MS) / EMPTIED_OVER_MS);
}
