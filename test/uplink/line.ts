/**
 * A line that packets leave one after the other: it carries so much, holds so much, and drops what comes when it is full. It answers at
 * once how long a packet will wait, so that it needs no events of its own; packets have to be offered in the order of time.
 */

export interface LineShape {
  /** What it carries, in bit/s. */
  readonly bps: number;
  /** What it holds before it drops, in ms at its rate. */
  readonly bufferMs: number;
  /** What passes undelayed after a pause: a token bucket. */
  readonly bucketBytes?: number;
}

export class Line {
  #shape: LineShape;
  /** When the last bit of what it holds has left; before now by what the bucket holds. */
  #emptyAtMs = 0;

  constructor(shape: LineShape) {
    this.#shape = shape;
  }

  get bps(): number {
    return this.#shape.bps;
  }

  /** What waits now stays as long as it would have. */
  carries(bps: number): void {
    this.#shape = { ...this.#shape, bps };
  }

  /** How long until a packet offered now has left, in ms; undefined where it is dropped. */
  take(bytes: number, nowMs: number): number | undefined {
    const { bps, bufferMs, bucketBytes = 0 } = this.#shape;
    if (bps <= 0 || this.queueMs(nowMs) > bufferMs) return undefined;
    const bitMs = 1000 / bps;
    this.#emptyAtMs = Math.max(this.#emptyAtMs, nowMs - 8 * bucketBytes * bitMs) + 8 * bytes * bitMs;
    return this.queueMs(nowMs);
  }

  queueMs(nowMs: number): number {
    return Math.max(0, this.#emptyAtMs - nowMs);
  }
}
