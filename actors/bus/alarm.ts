/** One timer for a deadline that moves. */
import type { Clock } from '../clock.ts';
import { runAfter } from '../run-after.ts';

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: (lateMs: number) => void;
  #setMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => undefined;

  /** @param ring is told by how much it comes late, in ms: a process that stands still reads its clock before its sockets */
  constructor(clock: Clock, ring: (lateMs: number) => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time on the clock, or sooner where it was set to sooner: whoever it wakes looks and sets it again. */
  set(atMs: number): void {
    if (atMs >= this.#setMs) return;
    this.#cancel();
    this.#setMs = atMs;
    this.#cancel = runAfter(this.#clock, Math.max(0, atMs - this.#clock.now()), (lateMs) => {
      this.#setMs = Number.POSITIVE_INFINITY;
      this.#ring(lateMs);
    });
  }

  stop(): void {
    this.#cancel();
    this.#setMs = Number.POSITIVE_INFINITY;
  }
}
