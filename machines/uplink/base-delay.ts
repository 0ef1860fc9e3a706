/**
 * How long a packet of one leg takes where nothing waits: the least difference between two clocks that nobody has set. It is learnt
 * while the uplink has room. Learnt while it is full it would take the queue for the way, and the estimate would run away.
 */

const WINDOWS = 5;
const WINDOW_MS = 2000;
/** While nothing is learnt: so much may two clocks drift apart, or a queue that is long gone would be seen for ever. */
const DRIFT = 300e-6;

export class BaseDelay {
  #windows: number[] = [];
  #current = Number.POSITIVE_INFINITY;
  #learntMs = 0;
  #lastMs: number | undefined;
  #driftMs = 0;

  /**
   * @param delayMs arrival by the receiver's clock less departure by ours
   * @param isBusy the uplink or this leg has a queue
   * @returns what of it is waiting, in ms
   */
  take(delayMs: number, nowMs: number, isBusy: boolean): number {
    const stepMs = this.#lastMs === undefined ? 0 : Math.max(0, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    if (isBusy) this.#driftMs += stepMs * DRIFT;
    else this.#learn(stepMs);
    const least = delayMs - this.#driftMs;
    if (!isBusy || least < Math.min(this.#current, ...this.#windows)) this.#current = Math.min(this.#current, least);
    return Math.max(0, delayMs - this.baseMs);
  }

  get baseMs(): number {
    return Math.min(this.#current, ...this.#windows) + this.#driftMs;
  }

  /** The line has become slower: each packet is so much longer on its way, though none waits. */
  lengthen(ms: number): void {
    this.#windows = this.#windows.map((least) => least + ms);
    this.#current += ms;
  }

  /** The other clock was set, or one of us has slept. */
  forget(): void {
    this.#windows = [];
    this.#current = Number.POSITIVE_INFINITY;
    this.#learntMs = 0;
    this.#driftMs = 0;
  }

  #learn(stepMs: number): void {
    this.#learntMs += stepMs;
    if (this.#learntMs < WINDOW_MS) return;
    this.#learntMs = 0;
    this.#windows = [...this.#windows, this.#current].slice(1 - WINDOWS);
    this.#current = Number.POSITIVE_INFINITY;
  }
}
