/** A task that is done again and again, but only while there is something to do: an idle peer wakes up as seldom as it can. */
export class Interval {
  readonly #everyMs: number;
  readonly #task: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(everyMs: number, task: () => void) {
    this.#everyMs = everyMs;
    this.#task = task;
  }

  /** Runs from now on, if it is wanted and does not run yet; stops, if it is not wanted. */
  run(wanted: boolean): void {
    // What is watched keeps the process alive, not the watching.
    if (wanted) this.#timer ??= setInterval(this.#task, this.#everyMs).unref();
    else this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
