/** How long the answer to a NACK takes by one way, smoothed as TCP smooths its round trip (RFC 6298 section 2). In ms. */

/** Before any answer has come: there and back on most paths within a continent. */
const FIRST_RETRY_MS = 60;
/** Answers wait in event loops, too: asking sooner would only ask twice. */
const LEAST_RETRY_MS = 20;
/** To the other side of the earth and back. */
const MOST_RETRY_MS = 400;

const MEAN_WEIGHT = 1 / 8;
const DEVIATION_WEIGHT = 1 / 4;
const DEVIATIONS = 4;

export class RoundTrip {
  #meanMs: number | null = null;
  #deviationMs = 0;

  /**
   * An answer has come.
   *
   * @param elapsedMs since each of the times that it was asked for, the first of them first. Which of these was answered nobody says
   *   (Karn's problem): the one that is nearest to what is known, or else the first.
   */
  answered(elapsedMs: readonly number[]): void {
    const [first = 0] = elapsedMs;
    const mean = this.#meanMs;
    if (mean === null) {
      this.#meanMs = first;
      this.#deviationMs = first / 2;
      return;
    }
    const off = elapsedMs.reduce(
      (least, each) => (Math.abs(each - mean) < Math.abs(least) ? each - mean : least),
      first - mean,
    );
    this.#deviationMs += DEVIATION_WEIGHT * (Math.abs(off) - this.#deviationMs);
    this.#meanMs = mean + MEAN_WEIGHT * off;
  }

  /** How long to wait for an answer before asking again. */
  get retryMs(): number {
    if (this.#meanMs === null) return FIRST_RETRY_MS;
    return Math.min(MOST_RETRY_MS, Math.max(LEAST_RETRY_MS, this.#meanMs + DEVIATIONS * this.#deviationMs));
  }
}
