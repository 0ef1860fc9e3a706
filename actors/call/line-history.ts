/** What a measured line carried of late, for a person: a figure each few seconds. */

/** In ms. */
const STEP_MS = 5_000;
/** A minute of them. */
const MOST_KEPT = 12;

export class LineHistory {
  readonly #past: number[] = [];
  #atMs = Number.NEGATIVE_INFINITY;

  /** In bit/s, the oldest first. */
  get pastBps(): readonly number[] {
    return [...this.#past];
  }

  /** Asked whenever somebody looks: only one figure of each step is kept. @param bps undefined: not known */
  note(bps: number | undefined, nowMs: number): void {
    if (bps === undefined || nowMs - this.#atMs < STEP_MS) return;
    this.#atMs = nowMs;
    this.#past.push(bps);
    if (this.#past.length > MOST_KEPT) this.#past.shift();
  }
}
