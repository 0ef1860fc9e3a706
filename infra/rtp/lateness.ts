/** How late a packet comes beside those of its stream that came soonest, by its timestamp: what it waited on its way, or at its source. */

/** What is later by more has waited nowhere: it came after a pause in which timestamps stood still, or of a clock that was set back. In ms. */
export const LONGEST_LATE_MS = 2000;
/** What the least late packet of this long still is late by is what is usual now: the way is longer, or the source's clock slower. In ms. */
const WINDOW_MS = 5000;

export interface LatenessOptions {
  /** Ticks of the timestamp in a second. */
  readonly clockRate: number;
  /** The most that a packet can be late by, in ms. */
  readonly longestMs?: number;
  /** After how long what all packets are late by counts no more, in ms. */
  readonly windowMs?: number;
}

export class Lateness {
  readonly #ticksPerMs: number;
  readonly #longestMs: number;
  readonly #windowMs: number;
  /** A packet with this timestamp came at this moment, or would have, if it had come as soon as any; null before the first. */
  #soonest: { readonly timestamp: number; readonly atMs: number } | null = null;
  /** Since when all are late, and by how much the least of them. */
  #sinceMs = 0;
  #leastMs = Number.POSITIVE_INFINITY;

  constructor({ clockRate, longestMs = LONGEST_LATE_MS, windowMs = WINDOW_MS }: LatenessOptions) {
    this.#ticksPerMs = clockRate / 1000;
    this.#longestMs = longestMs;
    this.#windowMs = windowMs;
  }

  /** A packet has come. Cheap enough to be called for every one. @returns by how many ms it is late */
  take(timestamp: number, atMs: number): number {
    const lateMs = this.#lateMs(timestamp, atMs);
    if (lateMs <= 0 || lateMs > this.#longestMs) return this.#follow(timestamp, atMs, 0);
    this.#leastMs = Math.min(this.#leastMs, lateMs);
    return atMs - this.#sinceMs < this.#windowMs ? lateMs : this.#follow(timestamp, atMs, lateMs - this.#leastMs);
  }

  #lateMs(timestamp: number, atMs: number): number {
    if (this.#soonest === null) return 0;
    return atMs - this.#soonest.atMs - ((timestamp - this.#soonest.timestamp) | 0) / this.#ticksPerMs;
  }

  /** From now on others are late beside this packet, as if it had come so much sooner. */
  #follow(timestamp: number, atMs: number, lateMs: number): number {
    this.#soonest = { timestamp, atMs: atMs - lateMs };
    this.#sinceMs = atMs;
    this.#leastMs = Number.POSITIVE_INFINITY;
    return lateMs;
  }
}
