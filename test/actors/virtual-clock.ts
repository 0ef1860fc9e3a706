/** A clock that moves only when told: timers fire in order, each at its own time. */
import type { Clock } from '../../actors/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly task: () => void;
}

export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: Timer[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  readonly now = (): number => this.#nowMs;

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Runs everything that is due within the next `ms`. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#nextBefore(untilMs); next !== undefined; next = this.#nextBefore(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.task();
    }
    this.#nowMs = untilMs;
  }

  /** Time passes, but nobody gets to run: a processor that is busy, a machine that sleeps. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  #nextBefore(untilMs: number): Timer | undefined {
    const [first] = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
    return first;
  }
}
