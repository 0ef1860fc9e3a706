/** Which packets a relay has asked for a moment ago, so that of several who miss one and the same only the first is passed on. */

/** Longer than most round trips; whoever asks again after that has not been answered. In ms. */
const LATELY_MS = 40;

/** More than can be asked for in {@link LATELY_MS} by all streams together. */
const MOST_REMEMBERED = 4096;

const SEQUENCES = 0x1_0000;

export class AskedLately {
  /** When, by SSRC and sequence number in one, the oldest first. */
  readonly #askedMs = new Map<number, number>();

  /** These (16-bit sequence numbers) are asked for now. */
  note(ssrc: number, sequences: readonly number[], nowMs: number): void {
    this.#forget(nowMs);
    for (const sequence of sequences) {
      const key = ssrc * SEQUENCES + sequence;
      this.#askedMs.delete(key);
      this.#askedMs.set(key, nowMs);
    }
  }

  /** Those of `sequences` that have not been asked for lately. */
  fresh(ssrc: number, sequences: readonly number[], nowMs: number): number[] {
    this.#forget(nowMs);
    return sequences.filter((sequence) => !this.#askedMs.has(ssrc * SEQUENCES + sequence));
  }

  #forget(nowMs: number): void {
    for (const [key, askedMs] of this.#askedMs) {
      if (nowMs - askedMs < LATELY_MS && this.#askedMs.size <= MOST_REMEMBERED) return;
      this.#askedMs.delete(key);
    }
  }
}
