/**
 * How long to wait for a packet that is missing, and for the answer to a NACK before asking again: measured, in ms. Pure: the time
 * is given.
 */

/** `auto`: as measured; else how long in ms, 0: not at all. */
export type Latency = number | 'auto';

/** Neighbours swap places within this, on one way; and what is lost together is noticed within it, and asked for in one NACK. */
export const SWAP_MS = 5;

/** `auto` waits no less: two turns of an event loop under load. */
const LEAST_MS = 20;
/** And no more: with it, what a person says is half a second old. It covers the 200 ms after which a dead relay is replaced. */
export const MOST_MS = 400;

/** So many NACKs for one packet should have their answer in time: at 10 % loss there and back one in a thousand has none. */
const TRIES = 3;

/** Before any answer has come: there and back on most paths within a continent. */
const FIRST_RETRY_MS = 60;
/** Answers wait in event loops, too: asking sooner would only ask twice. */
const LEAST_RETRY_MS = 20;
const MOST_RETRY_MS = 200;

/** Weights of a new sample as TCP has them (RFC 6298 section 2). */
const MEAN_WEIGHT = 1 / 8;
const DEVIATION_WEIGHT = 1 / 4;
const DEVIATIONS = 4;

/** What the ways have differed by is half forgotten after this long. */
const SPREAD_HALF_LIFE_MS = 10_000;

export class Patience {
  readonly #fixedMs: number | null;
  #meanMs: number | null = null;
  #deviationMs = 0;
  #spreadMs = 0;
  #spreadAtMs = 0;

  constructor(latency: Latency) {
    this.#fixedMs = latency === 'auto' ? null : latency;
  }

  /** A packet that nobody was asked for has come so long after a later one: its way is slower. */
  cameLate(byMs: number, nowMs: number): void {
    if (byMs < this.#spreadAt(nowMs)) return;
    this.#spreadMs = byMs;
    this.#spreadAtMs = nowMs;
  }

  /** The answer to a NACK that was sent once took so long. */
  answered(afterMs: number): void {
    if (this.#meanMs === null) {
      this.#meanMs = afterMs;
      this.#deviationMs = afterMs / 2;
      return;
    }
    this.#deviationMs += DEVIATION_WEIGHT * (Math.abs(afterMs - this.#meanMs) - this.#deviationMs);
    this.#meanMs += MEAN_WEIGHT * (afterMs - this.#meanMs);
  }

  /** How long to wait for an answer before asking again. */
  get retryMs(): number {
    if (this.#meanMs === null) return FIRST_RETRY_MS;
    return Math.min(MOST_RETRY_MS, Math.max(LEAST_RETRY_MS, this.#meanMs + DEVIATIONS * this.#deviationMs));
  }

  /** How long to wait for a packet that its way has lost: until it has been asked for often enough. */
  repairMs(nowMs: number): number {
    if (this.#fixedMs !== null) return this.#fixedMs;
    return Math.min(MOST_MS, Math.max(LEAST_MS, this.#spreadAt(nowMs) + SWAP_MS + TRIES * this.retryMs));
  }

  /** How long to wait for a packet whose way shows nothing: it may be slower than the others, or has just died and is replaced. */
  get longestMs(): number {
    return this.#fixedMs ?? MOST_MS;
  }

  #spreadAt(nowMs: number): number {
    return this.#spreadMs * 2 ** (-(nowMs - this.#spreadAtMs) / SPREAD_HALF_LIFE_MS);
  }
}
