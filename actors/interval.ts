/** A task that is done again and again, but only while there is something to do: an idle peer wakes up as seldom as it can. */
import { backgroundClock, type Clock } from './clock.ts';

export class Interval {
  #everyMs: number;
  readonly #task: () => void;
  readonly #spread: number;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;

  /**
   * @param spread by which share of itself each interval may be shorter or longer, at random
   * @param clock what is watched keeps the process alive, not the watching
   */
  constructor(everyMs: number, task: () => void, spread = 0, clock: Clock = backgroundClock) {
    this.#everyMs = everyMs;
    this.#task = task;
    this.#spread = spread;
    this.#clock = clock;
  }

  /** Runs from now on, if it is wanted and does not run yet; stops, if it is not wanted. */
  run(wanted: boolean): void {
    if (wanted) this.#cancel ??= this.#next();
    else this.stop();
  }

  /** Runs as often as that from now on, if it runs. */
  every(ms: number): void {
    if (ms === this.#everyMs) return;
    this.#everyMs = ms;
    if (!this.isRunning) return;
    this.stop();
    this.run(true);
  }

  get isRunning(): boolean {
    return this.#cancel !== undefined;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #next(): () => void {
    return this.#clock.after(spreadMs(this.#everyMs, this.#spread, Math.random()), () => {
      // The task may stop the interval.
      this.#cancel = this.#next();
      this.#task();
    });
  }
}

/** An interval that is shorter or longer by at most `spread` of itself, as `chance` in 0..1 will have it. */
export function spreadMs(everyMs: number, spread: number, chance: number): number {
  return everyMs * (1 + spread * (2 * chance - 1));
}
