/** One timer for a deadline that moves. */
import type { Clock } from '../clock.ts';

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #setMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time on the clock, or sooner where it was set to sooner: whoever it wakes looks and sets it again. */
  set(atMs: number): void {
    if (atMs >= this.#setMs) return;
    this.#cancel();
    this.#setMs = atMs;
    this.#cancel = this.#clock.after(Math.max(0, atMs - this.#clock.now()), () => {
      this.#setMs = Number.POSITIVE_INFINITY;
      this.#ring();
    });
  }

  stop(): void {
    this.#cancel();
    this.#setMs = Number.POSITIVE_INFINITY;
  }
}
