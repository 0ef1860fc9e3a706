/** Notices a program that sends more than the stream has room for: what is above that is lost on the way. */

/** An encoder's rate is a mean: this much above, as a share, is still as asked for. */
export const TOLERANCE = 0.1;
/** RTP headers of 100 packets a second, in bit/s, which no encoder counts: of a voice, a third. */
export const HEADERS_BPS = 9600;
/** A scene that changes has its peak: it is over for this long, in ms, before it is told. */
export const LASTING_MS = 2000;

export class OverrunWatch {
  #limitBps: number;
  #sinceMs: number | null = null;
  #told = false;

  constructor(limitBps: number) {
    this.#limitBps = limitBps;
  }

  /** bit/s of UDP payload. */
  get limitBps(): number {
    return this.#limitBps;
  }

  /** From now on there is room for this, in bit/s. */
  limit(limitBps: number): void {
    if (limitBps === this.#limitBps) return;
    this.#limitBps = limitBps;
    this.#sinceMs = null;
    this.#told = false;
  }

  /** The room has been told of it: whether there is more room is known in a moment. */
  wait(): void {
    this.#sinceMs = null;
  }

  /** @returns whether to tell it now: once, until the rate has been within its limit again */
  observe(measuredBps: number, nowMs: number): boolean {
    if (measuredBps <= this.#limitBps * (1 + TOLERANCE) + HEADERS_BPS) {
      this.#sinceMs = null;
      this.#told = false;
      return false;
    }
    this.#sinceMs ??= nowMs;
    if (this.#told || nowMs - this.#sinceMs < LASTING_MS) return false;
    this.#told = true;
    return true;
  }
}
