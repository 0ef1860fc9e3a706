/** How much a peer sends: now, and in its busiest second. */

/** Ten samples a second: a one-second window that slides by a tenth. */
const SAMPLE_MS = 100;
const WINDOW_SAMPLES = 1000 / SAMPLE_MS;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

export class UploadMeter {
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #sentBytes: () => number;
  #peakBps = 0;
  #nowBps = 0;

  /** @param sentBytes all UDP payload bytes sent so far */
  constructor(sentBytes: () => number) {
    this.#sentBytes = sentBytes;
    this.sample(performance.now());
    this.#timer = setInterval(() => this.sample(performance.now()), SAMPLE_MS).unref();
  }

  /** The average over the last second, bit/s. */
  get nowBps(): number {
    return this.#nowBps;
  }

  /** The highest average over any full second so far, bit/s. */
  get peakBps(): number {
    return this.#peakBps;
  }

  sample(nowMs: number): void {
    const bytes = this.#sentBytes();
    this.#samples.push({ atMs: nowMs, bytes });
    const oldest = this.#samples[0];
    if (oldest === undefined || this.#samples.length <= WINDOW_SAMPLES) return;
    this.#samples.shift();
    this.#nowBps = (8 * 1000 * (bytes - oldest.bytes)) / (nowMs - oldest.atMs);
    this.#peakBps = Math.max(this.#peakBps, this.#nowBps);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
