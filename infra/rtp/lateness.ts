/** How late a packet comes beside those of its stream that came soonest, by its timestamp: what it waited on its way, or at its source. */

/** Ways become longer, and no two clocks go alike: the soonest counts less and less, by so much of the time that passes. */
const FORGOTTEN_SHARE = 0.01;
/** A timestamp that leaps by more has begun anew, and what is later by more came after a pause. In ms. */
const LEAP_MS = 2000;

export class Lateness {
  readonly #clockRate: number;
  /** Of the last packet, and when it would have come if it had come as soon as any. */
  #last: { readonly timestamp: number; readonly dueMs: number; readonly atMs: number } | null = null;

  /** @param clockRate ticks of the timestamp in a second */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** A packet has come. @returns by how many ms it is late */
  take(timestamp: number, atMs: number): number {
    const lateMs = this.#lateMs(timestamp, atMs);
    this.#last = { timestamp, dueMs: atMs - lateMs, atMs };
    return lateMs;
  }

  #lateMs(timestamp: number, atMs: number): number {
    if (this.#last === null) return 0;
    const stepMs = (1000 * ((timestamp - this.#last.timestamp) | 0)) / this.#clockRate;
    const lateMs = atMs - this.#last.dueMs - stepMs;
    if (Math.abs(stepMs) > LEAP_MS || lateMs > LEAP_MS) return 0;
    return Math.max(0, lateMs - FORGOTTEN_SHARE * (atMs - this.#last.atMs));
  }
}
