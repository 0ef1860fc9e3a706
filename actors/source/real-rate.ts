/** What a program really sends, where that is more than was declared: the room plans with it, where it fits. */
import { HEADERS_BPS, LASTING_MS, TOLERANCE } from './overrun.ts';

/** What is planned for, above what was measured: a mean over two seconds is not the most. */
const MARGIN = 1.05;
/** A program must send what was declared for so long before the room counts on it again, in ms. */
const BACK_MS = 10_000;

export class RealRate {
  readonly #declaredBps: number;
  #mostBps: number;
  /** Since when it has been above what the room plans with, and within what was declared, ms. */
  #aboveSinceMs: number | null = null;
  #withinSinceMs: number | null = null;

  constructor(declaredBps: number) {
    this.#declaredBps = declaredBps;
    this.#mostBps = declaredBps;
  }

  /** What the room plans with at most, bit/s. */
  get mostBps(): number {
    return this.#mostBps;
  }

  /** @returns whether {@link mostBps} is another one now */
  observe(measuredBps: number, nowMs: number): boolean {
    this.#aboveSinceMs = isWithin(measuredBps, this.#mostBps) ? null : (this.#aboveSinceMs ?? nowMs);
    this.#withinSinceMs = isWithin(measuredBps, this.#declaredBps) ? (this.#withinSinceMs ?? nowMs) : null;
    if (this.#aboveSinceMs !== null && nowMs - this.#aboveSinceMs >= LASTING_MS) {
      this.#aboveSinceMs = null;
      this.#mostBps = Math.ceil(measuredBps * MARGIN);
      return true;
    }
    const isBack = this.#withinSinceMs !== null && nowMs - this.#withinSinceMs >= BACK_MS;
    if (!isBack || this.#mostBps === this.#declaredBps) return false;
    this.#mostBps = this.#declaredBps;
    return true;
  }
}

function isWithin(measuredBps: number, limitBps: number): boolean {
  return measuredBps <= limitBps * (1 + TOLERANCE) + HEADERS_BPS;
}
