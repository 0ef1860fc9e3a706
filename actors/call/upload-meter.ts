/** How much a peer sends: now, and in its busiest second. */

/** The window slides by a tenth of itself while anything worth measuring is sent; an idle peer is not woken ten times a second. */
const WINDOW_MS = 1000;
const SAMPLE_MS = WINDOW_MS / 10;
const IDLE_SAMPLE_MS = WINDOW_MS;
/** Below this nobody talks: reports and the like. In bit/s. */
const IDLE_BPS = 10_000;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

export class UploadMeter {
  /** The oldest is the newest that is a full window ago. */
  readonly #samples: Sample[] = [];
  readonly #sentBytes: () => number;
  #timer: NodeJS.Timeout | undefined;
  #peakBps = 0;
  #nowBps = 0;

  /** @param sentBytes all UDP payload bytes sent so far */
  constructor(sentBytes: () => number) {
    this.#sentBytes = sentBytes;
    this.#sampleAndWait();
  }

  /** The average over the last second, bit/s. */
  get nowBps(): number {
    return this.#nowBps;
  }

  /** The highest average over any full second so far, bit/s. */
  get peakBps(): number {
    return this.#peakBps;
  }

  /** @returns how much was sent since the last sample, bit/s */
  sample(nowMs: number): number {
    const bytes = this.#sentBytes();
    const last = this.#samples.at(-1);
    this.#samples.push({ atMs: nowMs, bytes });
    while ((this.#samples[1]?.atMs ?? nowMs) <= nowMs - WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0];
    if (oldest !== undefined && oldest.atMs <= nowMs - WINDOW_MS) {
      this.#nowBps = bpsBetween(oldest, { atMs: nowMs, bytes });
      this.#peakBps = Math.max(this.#peakBps, this.#nowBps);
    }
    return last === undefined ? 0 : bpsBetween(last, { atMs: nowMs, bytes });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #sampleAndWait(): void {
    const idle = this.sample(performance.now()) < IDLE_BPS;
    this.#timer = setTimeout(() => this.#sampleAndWait(), idle ? IDLE_SAMPLE_MS : SAMPLE_MS).unref();
  }
}

function bpsBetween(before: Sample, after: Sample): number {
  return (8 * 1000 * (after.bytes - before.bytes)) / (after.atMs - before.atMs);
}
