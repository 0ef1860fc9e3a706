/**
 * How much of something a sender may send: so much at once, and so much a second. The generic cell rate algorithm (ITU-T I.371)
 * in one number: when, at the lasting rate, all that was taken would have been. Pure: the time is given.
 */
export interface Limit {
  /** At once, after a long pause. */
  readonly burst: number;
  readonly perSecond: number;
}

export class Allowance {
  readonly #limit: Limit;
  #paidUntilMs = Number.NEGATIVE_INFINITY;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** When so much of it can be taken, in whole ms: a time that is past, or of this moment, where it can be now. */
  readyMs(amount: number): number {
    const { burst, perSecond } = this.#limit;
    return Math.ceil(this.#paidUntilMs + ((amount - burst) / perSecond) * 1000);
  }

  /** Takes so much of it, if there is as much; false, and takes nothing, if there is not. */
  take(amount: number, nowMs: number): boolean {
    const { burst, perSecond } = this.#limit;
    const costMs = (amount / perSecond) * 1000;
    const owedMs = Math.max(0, this.#paidUntilMs - nowMs);
    if (owedMs + costMs > (burst / perSecond) * 1000) return false;
    this.#paidUntilMs = nowMs + owedMs + costMs;
    return true;
  }
}
