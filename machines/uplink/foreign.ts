/**
 * Another program fills the line: the queue stays though we send less than our share of it. Giving way further would end at nothing,
 * since such a program takes what it is left. So the budget grows slowly, and falls with what is lost, as theirs does (TCP).
 */

const STAYS_MS = 1500;
/** Of what we are thought to have: less than that cannot be what fills the line. */
const LESS = 0.92;
const CALM_MS = 200;
const GROWTH_PER_S = 0.08;
const BACK = 0.875;
/** Of what was ours before they came: with one other on the line that is fair. */
const FAIR = 0.5;
/** A loss is one event however many packets of it are told of. */
const EVENT_MS = 500;
const LOSS = 0.02;

export class Foreign {
  #sinceMs: number | undefined;
  #calmSinceMs: number | undefined;
  #lastLossMs = Number.NEGATIVE_INFINITY;
  #lastMs = 0;
  #isThere = false;
  #beforeBps = 0;

  get isThere(): boolean {
    return this.#isThere;
  }

  /**
   * @param sentBps over the time that a queue must stay
   * @returns what the share is if it is found just now that they are there
   */
  watch(isWaiting: boolean, sentBps: number, capacityBps: number, nowMs: number): number | undefined {
    if (!isWaiting) {
      this.#sinceMs = undefined;
      this.#calmSinceMs ??= nowMs;
      if (nowMs - this.#calmSinceMs >= CALM_MS) this.#isThere = false;
      return undefined;
    }
    this.#calmSinceMs = undefined;
    if (this.#sinceMs === undefined) [this.#sinceMs, this.#beforeBps] = [nowMs, capacityBps];
    if (this.#isThere || nowMs - this.#sinceMs < STAYS_MS || sentBps > LESS * this.#beforeBps) return undefined;
    this.#isThere = true;
    this.#lastMs = nowMs;
    return Math.max(capacityBps, FAIR * this.#beforeBps);
  }

  /** What the share is now. */
  share(capacityBps: number, loss: number, nowMs: number): number {
    const stepMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (loss > LOSS && nowMs - this.#lastLossMs >= EVENT_MS) {
      this.#lastLossMs = nowMs;
      return BACK * capacityBps;
    }
    return capacityBps * (1 + (GROWTH_PER_S * stepMs) / 1000);
  }
}
