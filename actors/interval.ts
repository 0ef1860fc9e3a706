/** A task that is done again and again, but only while there is something to do: an idle peer wakes up as seldom as it can. */
export class Interval {
  #everyMs: number;
  readonly #task: () => void;
  readonly #spread: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param spread by which share of itself each interval may be shorter or longer, at random */
  constructor(everyMs: number, task: () => void, spread = 0) {
    this.#everyMs = everyMs;
    this.#task = task;
    this.#spread = spread;
  }

  /** Runs from now on, if it is wanted and does not run yet; stops, if it is not wanted. */
  run(wanted: boolean): void {
    // What is watched keeps the process alive, not the watching.
    if (!wanted) this.stop();
    else if (this.#spread === 0) this.#timer ??= setInterval(this.#task, this.#everyMs).unref();
    else this.#timer ??= this.#next();
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
    return this.#timer !== undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #next(): NodeJS.Timeout {
    const timer = setTimeout(
      () => {
        // The task may stop the interval.
        this.#timer = this.#next();
        this.#task();
      },
      spreadMs(this.#everyMs, this.#spread, Math.random()),
    );
    return timer.unref();
  }
}

/** An interval that is shorter or longer by at most `spread` of itself, as `chance` in 0..1 will have it. */
export function spreadMs(everyMs: number, spread: number, chance: number): number {
  return everyMs * (1 + spread * (2 * chance - 1));
}
