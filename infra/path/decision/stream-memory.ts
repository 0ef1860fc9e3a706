/**
 * What a path remembers of each SSRC from one table to the next: counters, the delivery window, the rate limit's
 * bucket. It lies in shared memory: the thread that moves packets writes it, others read it, and when that thread
 * dies its successor goes on where it stopped.
 */
import { SEQUENCE_WINDOW_BYTES, SequenceWindow } from './sequence-window.ts';
import { TOKEN_BUCKET_BYTES, TokenBucket } from './token-bucket.ts';

const DELIVERED_PACKETS = 0;
const DELIVERED_BYTES = 1;
const DUPLICATE_PACKETS = 2;
const TOTALS_BYTES = 8 * 3;

const TOTALS_AT = TOKEN_BUCKET_BYTES;
const WINDOW_AT = TOTALS_AT + TOTALS_BYTES;
const STREAM_BYTES = WINDOW_AT + SEQUENCE_WINDOW_BYTES;

const ARRIVED_PACKETS = 0;
const LAST_ARRIVAL = 1;
const ARRIVAL_BYTES = 8 * 2;

/** Of a new stream, of which nothing has been received. */
export function allocateStream(): SharedArrayBuffer {
  return new SharedArrayBuffer(STREAM_BYTES);
}

/** Of a new address for an SSRC, from which nothing has come. */
export function allocateArrival(): SharedArrayBuffer {
  return new SharedArrayBuffer(ARRIVAL_BYTES);
}

/** The memory of one SSRC made readable and writable. */
export class StreamState {
  readonly window: SequenceWindow;
  readonly bucket: TokenBucket;
  readonly #totals: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.bucket = new TokenBucket(memory);
    this.#totals = new Float64Array(memory, TOTALS_AT, TOTALS_BYTES / 8);
    this.window = new SequenceWindow(memory, WINDOW_AT);
  }

  delivered(bytes: number): void {
    this.#totals[DELIVERED_PACKETS] = this.deliveredPackets + 1;
    this.#totals[DELIVERED_BYTES] = this.deliveredBytes + bytes;
  }

  duplicate(): void {
    this.#totals[DUPLICATE_PACKETS] = this.duplicatePackets + 1;
  }

  get deliveredPackets(): number {
    return this.#totals[DELIVERED_PACKETS] ?? 0;
  }

  get deliveredBytes(): number {
    return this.#totals[DELIVERED_BYTES] ?? 0;
  }

  get duplicatePackets(): number {
    return this.#totals[DUPLICATE_PACKETS] ?? 0;
  }
}

/** Packets and last arrival of one SSRC from one address. */
export class ArrivalState {
  readonly #numbers: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new Float64Array(memory);
  }

  arrived(nowMs: number): void {
    this.#numbers[ARRIVED_PACKETS] = this.packets + 1;
    this.#numbers[LAST_ARRIVAL] = nowMs;
  }

  get packets(): number {
    return this.#numbers[ARRIVED_PACKETS] ?? 0;
  }

  get lastArrivalMs(): number {
    return this.#numbers[LAST_ARRIVAL] ?? 0;
  }
}
