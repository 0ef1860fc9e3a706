/** Lets the same warning pass once a minute, and says how often it was meant. */

const INTERVAL_MS = 60_000;
/** Senders are strangers: whoever invents names must not fill our memory. The oldest key goes first. */
const MAX_KEYS = 1000;

interface Seen<W> {
  readonly atMs: number;
  readonly withheld: number;
  /** The newest one that was withheld. */
  readonly last: W | undefined;
}

export class WarningLimit<W> {
  readonly #seen = new Map<string, Seen<W>>();

  /**
   * Whether a warning may pass now. Two with one key are the same.
   *
   * @param nowMs on a monotonic clock
   * @returns how many of the same were withheld since the last one that passed, or undefined: withhold this one
   */
  admit(key: string, warning: W, nowMs: number): number | undefined {
    const seen = this.#seen.get(key);
    if (seen !== undefined && nowMs - seen.atMs < INTERVAL_MS) {
      this.#seen.set(key, { ...seen, withheld: seen.withheld + 1, last: warning });
      return undefined;
    }
    this.#seen.delete(key);
    this.#seen.set(key, { atMs: nowMs, withheld: 0, last: undefined });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MAX_KEYS && oldest !== undefined) this.#seen.delete(oldest);
    return seen?.withheld ?? 0;
  }

  /** Takes out what is still withheld, so that no count is lost at the end. */
  *drain(): Generator<{ readonly warning: W; readonly withheld: number }> {
    for (const { last, withheld } of this.#seen.values()) if (last !== undefined) yield { warning: last, withheld };
    this.#seen.clear();
  }
}
