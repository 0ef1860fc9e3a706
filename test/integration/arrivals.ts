/** Things that come, and a wait for one of them. */
export class Arrivals<T> {
  readonly #all: T[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly add = (one: T): void => {
    this.#all.push(one);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  /** The first for which this holds, past or to come; the test's own timeout ends the wait. */
  async first<S extends T>(is: (one: T) => one is S): Promise<S>;
  async first(is: (one: T) => boolean): Promise<T>;
  async first(is: (one: T) => boolean): Promise<T> {
    for (;;) {
      const found = this.#all.find(is);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** All so far, the oldest first. */
  get all(): readonly T[] {
    return this.#all;
  }

  /** What has come so far counts no more. */
  forget(): void {
    this.#all.length = 0;
  }
}
