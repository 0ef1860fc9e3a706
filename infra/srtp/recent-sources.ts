/** What is remembered of each SSRC, of the most recent ones only: whoever can send may invent as many as there are numbers. */

interface Kept<T> {
  readonly value: T;
  /** Number of the look-up that asked for it last. */
  usedAt: number;
}

export class RecentSources<T> {
  readonly #most: number;
  readonly #kept = new Map<number, Kept<T>>();
  #uses = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @param key of the SSRC, as a signed number */
  get(key: number): T | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    found.usedAt = ++this.#uses;
    return found.value;
  }

  /** Where there are too many, the one that was not asked for the longest time gives way. */
  set(key: number, value: T): void {
    if (this.#kept.size >= this.#most && !this.#kept.has(key)) this.#forgetOldest();
    this.#kept.set(key, { value, usedAt: ++this.#uses });
  }

  deleteWhere(isGone: (value: T) => boolean): void {
    for (const [key, { value }] of this.#kept) if (isGone(value)) this.#kept.delete(key);
  }

  #forgetOldest(): void {
    let oldest: number | undefined;
    let usedAt = Number.POSITIVE_INFINITY;
    for (const [key, kept] of this.#kept) {
      if (kept.usedAt < usedAt) [oldest, usedAt] = [key, kept.usedAt];
    }
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
