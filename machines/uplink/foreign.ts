/**
 * Another program fills the line: the queue stays though we send less than our share of it. Giving way further would end at nothing,
 * since such a program takes what it is left. So half of what was ours is kept; of it the budget falls with what is lost, as theirs
 * does (TCP), and comes back slowly.
 */

const STAYS_MS = 1500;
/** Of what we are thought to have: less than that cannot be what fills the line. */
const LESS = 0.92;
/** A queue of which so little is left empties. */
const DRAINED = 0.5;
/** One that has become so much longer grows: what is sent may be what fills it, until it is known that the line carries less. */
const GROWN = 1.5;
const CALM_MS = 200;
const GROWTH_PER_S = 0.08;
const BACK = 0.875;
/** Of what was ours before they came: with one other on the line that is fair. */
const FAIR = 0.5;
/** They come and go: what was ours is not what they have left us a moment ago. */
const REMEMBERED_MS = 30_000;
/** A queue that comes back so soon is the same one. */
const SAME_QUEUE_MS = 2000;
/** A loss is one event however many packets of it are told of. */
const EVENT_MS = 500;
const LOSS = 0.005;

interface SentBps {
  readonly long: number;
  readonly short: number;
}

export class Foreign {
  #sinceMs: number | undefined;
  #calmSinceMs: number | undefined;
  #waitedAtMs = Number.NEGATIVE_INFINITY;
  #lastLossMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  #isThere = false;
  #beforeBps = 0;
  #sinceBps = 0;
  #mostQueueMs = 0;

  get isThere(): boolean {
    return this.#isThere;
  }

  /**
   * @param queueMs 0: nothing waits
   * @param sentBps over the time that a queue must stay, and just now
   * @returns what the share is if it is found just now that they are there
   */
  watch(queueMs: number, sentBps: SentBps, capacityBps: number, nowMs: number): number | undefined {
    if (queueMs === 0) {
      this.#sinceMs = undefined;
      this.#calmSinceMs ??= nowMs;
      if (nowMs - this.#calmSinceMs >= CALM_MS) this.#isThere = false;
      return undefined;
    }
    this.#calmSinceMs = undefined;
    if (this.#sinceMs === undefined) {
      const isRemembered = nowMs - this.#lastMs < REMEMBERED_MS || nowMs - this.#waitedAtMs < SAME_QUEUE_MS;
      this.#beforeBps = isRemembered ? Math.max(this.#beforeBps, capacityBps) : capacityBps;
      this.#begin(queueMs, capacityBps, nowMs);
    } else if (queueMs < DRAINED * this.#mostQueueMs || queueMs > GROWN * this.#mostQueueMs)
      this.#begin(queueMs, capacityBps, nowMs);
    this.#mostQueueMs = Math.max(this.#mostQueueMs, queueMs);
    this.#waitedAtMs = nowMs;
    const sinceMs = this.#sinceMs ?? nowMs;
    if (this.#isThere || nowMs - sinceMs < STAYS_MS || this.#isOurs(sentBps, capacityBps)) return undefined;
    this.#isThere = true;
    this.#lastMs = nowMs;
    return Math.max(capacityBps, FAIR * this.#beforeBps);
  }

  #begin(queueMs: number, capacityBps: number, nowMs: number): void {
    [this.#sinceMs, this.#sinceBps, this.#mostQueueMs] = [nowMs, capacityBps, queueMs];
  }

  /** Or the line is another one than before: then the queue empties as we give way, and giving way does not make less of it. */
  #isOurs({ long, short }: SentBps, capacityBps: number): boolean {
    return long > LESS * this.#beforeBps || short > capacityBps || capacityBps > LESS * this.#sinceBps;
  }

  /** What the share is now. */
  share(capacityBps: number, loss: number, nowMs: number): number {
    const stepMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (loss > LOSS && nowMs - this.#lastLossMs >= EVENT_MS) {
      this.#lastLossMs = nowMs;
      return BACK * capacityBps;
    }
    const grown = capacityBps * (1 + (GROWTH_PER_S * stepMs) / 1000);
    return Math.max(capacityBps, Math.min(grown, FAIR * this.#beforeBps));
  }
}
