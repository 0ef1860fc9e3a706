/**
 * Whether a phone is still there. One that holds the call, or whose network has gone, sends nothing: it is asked by SIP, and who
 * neither sends nor answers has gone without a word.
 */

/** Nothing has come for so long: it is asked. In ms. */
const SILENT_MS = 4000;
/** And it has so long to answer, in ms. */
const ANSWER_MS = 4000;

export class Presence {
  /** When it was last known to be there, and since when it has been asked; ms. */
  #thereMs: number;
  #askedMs: number | null = null;

  /** It is there now. */
  constructor(nowMs: number) {
    this.#thereMs = nowMs;
  }

  answered(nowMs: number): void {
    this.#thereMs = nowMs;
  }

  /** What is to be done about a phone from which something came last at `heardMs`. */
  look(nowMs: number, heardMs: number): 'ask' | 'gone' | null {
    if (nowMs - Math.max(heardMs, this.#thereMs) < SILENT_MS) {
      this.#askedMs = null;
      return null;
    }
    if (this.#askedMs === null) {
      this.#askedMs = nowMs;
      return 'ask';
    }
    return nowMs - this.#askedMs >= ANSWER_MS ? 'gone' : null;
  }
}
