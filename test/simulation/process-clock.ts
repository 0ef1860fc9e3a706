/**
 * The time of one process: it stands still while the process stalls, and ends with it. Everything that happens to a process
 * (timers, messages, packets) comes in through {@link ProcessClock.enter}, so that what happened during a stall is caught up
 * with in its order.
 */
import type { Clock, VirtualClock } from './clock.ts';

interface Entry {
  readonly id: number;
  readonly run: () => void;
}

export class ProcessClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #afterStep: () => void;
  readonly #timers = new Map<number, number>();
  #timersSet = 0;
  #waiting: Entry[] = [];
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

  setTimeout(run: (...args: unknown[]) => void, delayMs: number): number {
    this.#timersSet += 1;
    const id = this.#timersSet;
    this.#timers.set(
      id,
      this.#clock.setTimeout(() => this.#enter({ id, run: () => this.#fire(id, run) }), delayMs),
    );
    return id;
  }

  clearTimeout(id: unknown): void {
    const timer = this.#timers.get(Number(id));
    if (timer === undefined) return;
    this.#timers.delete(Number(id));
    this.#clock.clearTimeout(timer);
  }

  enter(run: () => void): void {
    this.#enter({ id: 0, run });
  }

  stall(forMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#clock.now() + forMs);
    this.#clock.setTimeout(() => this.#catchUp(), forMs);
  }

  end(): void {
    this.#dead = true;
    this.#waiting = [];
    for (const timer of this.#timers.values()) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }

  #fire(id: number, run: () => void): void {
    if (this.#timers.delete(id)) run();
  }

  #enter(entry: Entry): void {
    if (this.#dead) return;
    if (this.stalled) this.#waiting.push(entry);
    else this.#step(entry);
  }

  #step({ run }: Entry): void {
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
    const entries = this.#waiting;
    this.#waiting = [];
    for (const entry of entries) this.#enter(entry);
  }
}
