/**
 * The limit that a lease puts on a relay, for packets that stand for many small ones: the packet path's token bucket, but that one
 * packet to all its receivers always fits, as many small ones after each other would.
 */
import { BURST_MS } from '../../../infra/path/decision/token-bucket.ts';

export class LeaseLimit {
  /** What may be forwarded, bit/s. */
  limitBps = 0;
  #bits = Number.POSITIVE_INFINITY;
  #filledAtMs = 0;

  /** Whether a packet of so many bits may go to so many destinations. */
  lets(bits: number, destinations: number, nowMs: number): boolean {
    const cost = bits * destinations;
    const depth = Math.max((this.limitBps * BURST_MS) / 1000, cost);
    const filled = Math.min(depth, this.#bits + (this.limitBps * (nowMs - this.#filledAtMs)) / 1000);
    const enough = filled >= cost * (1 - ROUNDING);
    this.#filledAtMs = nowMs;
    this.#bits = enough ? Math.max(0, filled - cost) : filled;
    return enough;
  }
}

/** Times are sums of intervals. */
const ROUNDING = 1e-9;
