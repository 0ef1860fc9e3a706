/** How long one stream waits for a packet that is missing, given or measured, in ms. Pure: the time is given. */
import type { PeerId } from '../../../machines/messages.ts';
import { RoundTrip } from '../reports/round-trip.ts';

/** `auto`: as measured; else how long in ms, 0: not at all. */
export type Latency = number | 'auto';

/** Neighbours swap places within this, on one way; and what is lost together is noticed within it, and asked for in one NACK. */
export const SWAP_MS = 5;

/** `auto` waits no less: two turns of an event loop under load. */
const LEAST_MS = 20;
/** And no more: with it, what a person says is half a second old. */
export const MOST_MS = 400;
/**
 * But for what a way has swallowed that shows nothing more: a dead relay is replaced within a quarter of a second, and what it had is
 * sent again as the owner's uplink has room, for as long as that keeps it. A picture that stands still is better than one that is broken.
 */
export const DEAD_WAY_MS = 1000;

/** So long after later packets of other ways even a way that shows nothing is asked: it may have lost the end of a stream. */
const OVERDUE_MS = 100;
/** A way that is known to be slower than the others by so much less is only slower. */
const OVERDUE_TIMES = 1.25;

/** So many NACKs for one packet should have their answer in time: at 10 % loss there and back one in a thousand has none. */
const TRIES = 3;

/** What the ways have differed by is half forgotten after this long. */
const SPREAD_HALF_LIFE_MS = 10_000;

/** A stream comes by sixteen ways at most; of those that it came by before, some are still worth knowing. */
const MOST_WAYS = 32;

export class Patience {
  readonly #fixedMs: number | null;
  readonly #roundTrips = new Map<PeerId, RoundTrip>();
  #spreadMs = 0;
  #spreadAtMs = 0;

  constructor(latency: Latency) {
    this.#fixedMs = latency === 'auto' ? null : latency;
  }

  /** A packet has come so long after a later one: its way is slower. */
  cameLate(byMs: number, nowMs: number): void {
    if (byMs < this.#spreadAt(nowMs)) return;
    this.#spreadMs = byMs;
    this.#spreadAtMs = nowMs;
  }

  /** How long answers take by this way. */
  roundTrip(way: PeerId): RoundTrip {
    const known = this.#roundTrips.get(way);
    if (known !== undefined) return known;
    const [oldest] = this.#roundTrips.keys();
    if (this.#roundTrips.size === MOST_WAYS && oldest !== undefined) this.#roundTrips.delete(oldest);
    const roundTrip = new RoundTrip();
    this.#roundTrips.set(way, roundTrip);
    return roundTrip;
  }

  /** How long to wait for a packet that this way has lost: until it has been asked for often enough. */
  repairMs(way: PeerId | undefined, nowMs: number): number {
    if (this.#fixedMs !== null) return this.#fixedMs;
    const askingMs = way === undefined ? 0 : SWAP_MS + TRIES * this.roundTrip(way).retryMs;
    return Math.min(MOST_MS, Math.max(LEAST_MS, this.#spreadAt(nowMs) + askingMs));
  }

  /** After how long somebody is asked for a packet whose way shows nothing. */
  overdueMs(nowMs: number): number {
    return Math.min(MOST_MS, Math.max(OVERDUE_MS, OVERDUE_TIMES * this.#spreadAt(nowMs)));
  }

  /** How long to wait for a packet whose way shows nothing: it may be slower than the others, or has just died and is replaced. */
  get longestMs(): number {
    return this.#fixedMs ?? DEAD_WAY_MS;
  }

  #spreadAt(nowMs: number): number {
    return this.#spreadMs * 2 ** (-(nowMs - this.#spreadAtMs) / SPREAD_HALF_LIFE_MS);
  }
}
