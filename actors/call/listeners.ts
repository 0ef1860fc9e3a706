/** Whoever wants to hear of something, each until it has enough. */
export class Listeners<T> {
  readonly #all = new Set<(told: T) => void>();

  /** Calls `listener` each time. Returns the function that stops it. */
  add(listener: (told: T) => void): () => void {
    // The same function may listen twice.
    const one = (told: T) => listener(told);
    this.#all.add(one);
    return () => void this.#all.delete(one);
  }

  tell(told: T): void {
    for (const listener of this.#all) listener(told);
  }
}
