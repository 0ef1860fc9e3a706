/** Whether a receiver's clock was set, or ours stood still: a report cannot come back sooner than by the shortest way back. */
import type { Feedback } from './contract.ts';

/** A way back that becomes so much shorter at once is none. */
const STEP_MS = 50;
/** No way back becomes so much longer. */
const STEP_BACK_MS = 1000;
/** Two clocks drift apart by so much: what was seen long ago is no measure for ever. */
const DRIFT = 300e-6;

export class ClockWatch {
  /** Their clock less ours, on the shortest way back. */
  #aheadMs: number | undefined;
  #lastMs = 0;

  /** A clock that is set back a little needs no watch: delays become less, and the least of them is the base at once. */
  wasSet({ reportedAtMs, atMs }: Pick<Feedback, 'reportedAtMs' | 'atMs'>): boolean {
    const aheadMs = reportedAtMs - atMs;
    const known = this.#aheadMs === undefined ? aheadMs : this.#aheadMs - DRIFT * (atMs - this.#lastMs);
    this.#lastMs = atMs;
    const isBack = aheadMs < known - STEP_BACK_MS;
    this.#aheadMs = isBack ? aheadMs : Math.max(known, aheadMs);
    return isBack || aheadMs > known + STEP_MS;
  }
}
