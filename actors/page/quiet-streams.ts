/** Which voices are muted, as far as a receiver can tell: they are wanted, and nothing comes of them. Pure: time is given. */

/** A stream that was asked for just now has not come yet; encoders of voice that save packets send some within this. In ms. */
const QUIET_MS = 2000;

export class QuietStreams {
  /** By a name of the stream: since when it is wanted and does not come, in ms. */
  readonly #since = new Map<string, number>();

  /** Forgets all but these. */
  keepOnly(streams: ReadonlySet<string>): void {
    for (const stream of this.#since.keys()) if (!streams.has(stream)) this.#since.delete(stream);
  }

  /** How many are wanted and do not come. */
  get size(): number {
    return this.#since.size;
  }

  /** @param comes it is wanted, and does or does not come; null: it is not wanted */
  isQuiet(stream: string, comes: boolean | null, nowMs: number): boolean {
    if (comes !== false) {
      this.#since.delete(stream);
      return false;
    }
    const sinceMs = this.#since.get(stream) ?? nowMs;
    this.#since.set(stream, sinceMs);
    return nowMs - sinceMs >= QUIET_MS;
  }
}
