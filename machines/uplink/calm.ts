/** A figure for plans: a plan that follows every breath of a line would move the room without end. */

/** Less by this share is within what the budget leaves free of the line: no plan need move. */
const FALL = 0.03;
/** More by this share is worth a new plan, if it lasts. */
const RISE = 0.1;
const LASTS_MS = 2000;

export class Calm {
  #published: number | undefined;
  #risenSinceMs: number | undefined;
  #leastRisen = Number.POSITIVE_INFINITY;

  get bps(): number | undefined {
    return this.#published;
  }

  /** @param isFound the search has ended: a first figure need not prove that it lasts */
  take(bps: number, nowMs: number, isFound = false): void {
    if (this.#published === undefined || isFound || bps < (1 - FALL) * this.#published) {
      this.#set(bps);
      return;
    }
    if (bps < (1 + RISE) * this.#published) {
      this.#risenSinceMs = undefined;
      return;
    }
    this.#leastRisen = this.#risenSinceMs === undefined ? bps : Math.min(this.#leastRisen, bps);
    this.#risenSinceMs ??= nowMs;
    if (nowMs - this.#risenSinceMs >= LASTS_MS) this.#set(this.#leastRisen);
  }

  #set(bps: number): void {
    this.#published = bps;
    this.#risenSinceMs = undefined;
  }
}
