/** What a stream has sent in the last two seconds: long enough to hold a key frame and what follows it. */
const WINDOW_MS = 2000;
/** The window slides by this much. */
const STEP_MS = 100;
const STEPS = WINDOW_MS / STEP_MS;

export class RateWindow {
  /** Bytes by step, in a ring: those of the window, and the step that is not over yet. */
  readonly #bytes = new Float64Array(STEPS + 1);
  #step = 0;

  /** @param nowMs on a monotonic clock */
  add(bytes: number, nowMs: number): void {
    this.#slideTo(nowMs);
    const at = this.#step % this.#bytes.length;
    this.#bytes[at] = (this.#bytes[at] ?? 0) + bytes;
  }

  /** The mean over the window, in bit/s. */
  bps(nowMs: number): number {
    this.#slideTo(nowMs);
    const running = this.#bytes[this.#step % this.#bytes.length] ?? 0;
    const sum = this.#bytes.reduce((total, bytes) => total + bytes, 0);
    return ((sum - running) * 8 * 1000) / WINDOW_MS;
  }

  #slideTo(nowMs: number): void {
    const step = Math.floor(nowMs / STEP_MS);
    if (step - this.#step > STEPS) this.#bytes.fill(0);
    else for (let next = this.#step + 1; next <= step; next++) this.#bytes[next % this.#bytes.length] = 0;
    this.#step = Math.max(this.#step, step);
  }
}
