/**
 * The time of one process: it stands still while the process stalls, and ends with it. Everything that happens to a process
 * (timers, messages, packets) comes in through {@link ProcessClock.enter}, so that what happened during a stall is caught up
 * with in its order.
 */
import type { Clock, VirtualClock } from '../clock.ts';

/** A deadline of the process: it may be due while the process stands still, and be cleared before that is caught up with. */
class Timer {
  readonly run: () => void;
  due: unknown;
  cleared = false;

  constructor(run: () => void) {
    this.run = run;
  }
}

export class ProcessClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #afterStep: () => void;
  #waiting: (() => void)[] = [];
  #stalledUntilMs = 0;
  #dead = false;
  #inside = false;

  /** `afterStep` runs when the process has done all that one thing made it do. */
  constructor(clock: VirtualClock, afterStep: () => void) {
    this.#clock = clock;
    this.#afterStep = afterStep;
  }

  now(): number {
    return this.#clock.now();
  }

  get stalledUntilMs(): number {
    return this.#stalledUntilMs;
  }

  get stalled(): boolean {
    return this.#clock.now() < this.#stalledUntilMs;
  }

  setTimeout(run: (...args: unknown[]) => void, delayMs: number): unknown {
    const timer = new Timer(run);
    timer.due = this.#clock.setTimeout(() => this.#fire(timer), delayMs);
    return timer;
  }

  clearTimeout(id: unknown): void {
    if (!(id instanceof Timer)) return;
    id.cleared = true;
    this.#clock.clearTimeout(id.due);
  }

  /** For what ships and takes the actors' clock. */
  after(delayMs: number, task: () => void): () => void {
    const timer = this.setTimeout(task, delayMs);
    return () => this.clearTimeout(timer);
  }

  enter(run: () => void): void {
    if (this.#dead) return;
    if (this.#waits) this.#waiting.push(run);
    else this.#step(run);
  }

  stall(forMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#clock.now() + forMs);
    this.#clock.setTimeout(() => this.#catchUp(), forMs);
  }

  end(): void {
    this.#dead = true;
    this.#waiting = [];
  }

  #fire(timer: Timer): void {
    if (!this.#waits) this.enter(timer.run);
    else if (!this.#dead) this.#waiting.push(() => timer.cleared || timer.run());
  }

  /** Also in the moment in which a stall ends, until what happened before is caught up with. */
  get #waits(): boolean {
    return this.stalled || this.#waiting.length > 0;
  }

  #step(run: () => void): void {
    if (this.#inside) {
      run();
      return;
    }
    this.#inside = true;
    try {
      run();
    } finally {
      this.#inside = false;
    }
    this.#afterStep();
  }

  #catchUp(): void {
    if (this.stalled) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) this.enter(run);
  }
}
