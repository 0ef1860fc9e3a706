/** A token bucket in caller-given memory: a rate limit that lets a frame's burst through (RFC 2697's single rate). */

/**
 * How much traffic at the limit may come at once, in ms. A shared screen is a key frame now and then and next to nothing in between:
 * of 0.5 Mbit/s one of 96 kB is a second and a half, and two may come in a row. The pacer spreads what passes.
 */
export const BURST_MS = 3000;

/** The least depth, in bit: one full-size packet to ten receivers must pass whatever the rate. */
export const LEAST_BURST_BITS = 8 * 1500 * 10;

const TOKENS = 0;
const FILLED_AT = 1;
const STARTED = 2;

export const TOKEN_BUCKET_BYTES = 8 * 3;

/** All state is in the memory given to the constructor, zeroed for a new bucket, which starts full. */
export class TokenBucket {
  readonly #state: Float64Array;

  constructor(memory: ArrayBufferLike, byteOffset = 0) {
    this.#state = new Float64Array(memory, byteOffset, TOKEN_BUCKET_BYTES / 8);
  }

  /**
   * Takes `bits` out of a bucket that fills at `limitBps`, if they are there.
   *
   * @param burstMs what it holds when it is full, in ms at the limit
   * @param nowMs on a monotonic clock
   * @returns false, and takes nothing, if they are not
   */
  take(bits: number, limitBps: number, burstMs: number, nowMs: number): boolean {
    const depth = Math.max((limitBps * burstMs) / 1000, LEAST_BURST_BITS);
    const elapsed = Math.max(0, nowMs - this.#number(FILLED_AT));
    const filled = this.#number(STARTED) === 0 ? depth : this.#number(TOKENS) + (limitBps * elapsed) / 1000;
    const tokens = Math.min(depth, filled);
    this.#state[STARTED] = 1;
    this.#state[FILLED_AT] = nowMs;
    const enough = tokens >= bits;
    this.#state[TOKENS] = enough ? tokens - bits : tokens;
    return enough;
  }

  #number(index: number): number {
    return this.#state[index] ?? 0;
  }
}
