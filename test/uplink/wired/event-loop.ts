/** The event loop of one process: nothing of it runs while it is busy, and its timers are late, as Node's are. */
import type { Clock } from '../../../actors/clock.ts';
import type { VirtualClock } from '../../simulation/world/clock.ts';
import type { Random } from '../../simulation/world/random.ts';

/** How far apart moments are in which it is busy, and how long they last: most are short, one in so many is a collection of garbage. */
const BUSY_EVERY_MS = 60;
const BUSY_MS = 6;
const LONG_ONE_IN = 30;
const LONG_MS = 45;
/** Timers go by whole milliseconds, and are never early. */
const LEAST_TIMER_MS = 1;

export class EventLoop implements Clock {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  #freeAtMs = 0;

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#work();
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, task: () => void): () => void {
    const wholeMs = Math.max(LEAST_TIMER_MS, Math.trunc(delayMs)) + this.#random.between(0, 1);
    let isOff = false;
    this.#clock.setTimeout(() => this.whenFree(() => isOff || task()), wholeMs);
    return () => {
      isOff = true;
    };
  }

  /** Something has come from outside. */
  whenFree(task: () => void): void {
    const waitMs = this.#freeAtMs - this.now();
    if (waitMs <= 0) task();
    else this.#clock.setTimeout(() => this.whenFree(task), waitMs);
  }

  #work(): void {
    const mostMs = this.#random.chance(1 / LONG_ONE_IN) ? LONG_MS : BUSY_MS;
    this.#freeAtMs = this.now() + this.#random.between(0, mostMs);
    this.#clock.setTimeout(() => this.#work(), mostMs + this.#random.between(0, 2 * BUSY_EVERY_MS));
  }
}
