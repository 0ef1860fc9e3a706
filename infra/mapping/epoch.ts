/** Notices that a gateway has lost its mappings: its clock, which counts from when it began to keep them, has jumped. */

/** Clocks tick by whole seconds, and datagrams take a while. */
const TOLERANCE_S = 2;
/** RFC 6886 section 3.6 lets a gateway's clock be slow by an eighth. */
const MOST_SLIP = 1 / 8;

export class EpochWatch {
  #last: { readonly epochS: number; readonly atMs: number } | null = null;

  /**
   * The gateway has told its time.
   *
   * @returns whether it has lost its mappings since it told it last. A clock ahead of ours says so too (RFC 6887 section 8.5): then it
   * is we who have slept, perhaps longer than the mapping lasts.
   */
  hear(epochS: number, nowMs: number): boolean {
    const last = this.#last;
    this.#last = { epochS, atMs: nowMs };
    if (last === null) return false;
    const ownS = (nowMs - last.atMs) / 1000;
    const theirS = epochS - last.epochS;
    return Math.abs(theirS - ownS) > TOLERANCE_S + MOST_SLIP * Math.max(ownS, theirS);
  }
}
