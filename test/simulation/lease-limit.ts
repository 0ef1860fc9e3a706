/**
 * The limit that a lease puts on a relay, for packets that stand for many small ones. What a simulated packet brings at once comes
 * over a whole round of slices in a call, so the packet path's own bucket is used at a slower pace: it holds two rounds more.
 */
import { BURST_MS, TOKEN_BUCKET_BYTES, TokenBucket } from '../../infra/path/token-bucket.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';

/** A small video packet. */
const REAL_PACKET_BITS = 8 * 300;

export class LeaseLimit {
  /** What may be forwarded, bit/s. */
  limitBps = 0;
  readonly #bucket = new TokenBucket(new ArrayBuffer(TOKEN_BUCKET_BYTES));
  /** How much slower the bucket's clock goes. */
  readonly #pace: number;

  constructor(packetsPerSecond: number) {
    const roundMs = (1000 * SLICE_COUNT) / packetsPerSecond;
    this.#pace = 1 + (2 * roundMs) / BURST_MS;
  }

  /** Whether a packet of so many bits may go to so many destinations. */
  lets(bits: number, destinations: number, nowMs: number): boolean {
    const limitBps = (this.limitBps * REAL_PACKET_BITS * this.#pace) / bits;
    return this.#bucket.take(REAL_PACKET_BITS * destinations, limitBps, nowMs / this.#pace);
  }
}
