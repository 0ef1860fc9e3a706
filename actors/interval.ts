/** A task that is done again and again, but only while there is something to do: an idle peer wakes up as seldom as it can. */
export class Interval {
  readonly #everyMs: number;
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

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #next(): NodeJS.Timeout {
    const share = 1 + this.#spread * (2 * Math.random() - 1);
    const timer = setTimeout(() => {
      // The task may stop the interval.
      this.#timer = this.#next();
      this.#task();
    }, this.#everyMs * share);
    return timer.unref();
  }
}
