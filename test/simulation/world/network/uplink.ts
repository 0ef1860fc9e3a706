/**
 * A peer's uplink: a queue that empties at the uplink's rate, and overflows. Where the peer knows its rate the queue is its own pacer's
 * (`infra/path/pace/pacer.ts`), which audio and reports pass; where the uplink carries less than that, it is a router's. A simulated packet stands for many small
 * ones: a source that goes through its 16 slices once a second here does so 25 times a second at 3.8 Mbit/s and full-size packets.
 * So what one packet brings comes in evenly over one such round, or a relay with more receivers of some slices than of others would
 * have a queue that no real one has.
 */
import { MOST_WAIT_MS } from '../../../../infra/path/pace/pacer.ts';
import { SLICE_COUNT } from '../../../../machines/slices.ts';
import type { Outlet } from './access-line.ts';

/** What a home router's queue holds before it drops, in ms at its rate. */
const ROUTER_MS = 250;

export class Uplink implements Outlet {
  /** As its owner tells it. */
  rateBps: number;
  /** The share of it that is true. */
  share = 1;
  readonly #roundMs: number;
  #atMs = 0;
  #queuedBits = 0;
  /** What is coming in, in bit each ms. */
  #inflow = 0;
  /** What has begun to come in, the oldest first: until when, in ms, and how much of it each ms. */
  #coming: { readonly untilMs: number; readonly inflow: number }[] = [];
  #oldest = 0;

  /** @param packetsPerSecond of every source */
  constructor(rateBps: number, packetsPerSecond: number) {
    this.rateBps = rateBps;
    this.#roundMs = (1000 * SLICE_COUNT) / packetsPerSecond;
  }

  /**
   * How long a packet of so many bits waits for those before it, in ms; undefined where the queue is full.
   *
   * @param urgent it passes the pacer
   */
  take(bits: number, nowMs: number, urgent = false): number | undefined {
    this.#advance(nowMs);
    const queuedMs = this.#queuedBits / this.#outflow;
    // An uplink of no rate lets nothing out.
    const waitMs = urgent && this.isPacer && this.#outflow > 0 ? 0 : queuedMs;
    if (!(waitMs < this.#mostMs)) return undefined;
    const inflow = bits / this.#roundMs;
    this.#coming.push({ untilMs: nowMs + this.#roundMs, inflow });
    this.#inflow += inflow;
    return waitMs;
  }

  pacedMs(nowMs: number): number {
    this.#advance(nowMs);
    return this.isPacer && this.#outflow > 0 ? this.#queuedBits / this.#outflow : 0;
  }

  get isPacer(): boolean {
    return this.share === 1;
  }

  get #mostMs(): number {
    return this.isPacer ? MOST_WAIT_MS : ROUTER_MS;
  }

  get #outflow(): number {
    return (this.rateBps * this.share) / 1000;
  }

  #advance(nowMs: number): void {
    for (;;) {
      const oldest = this.#coming[this.#oldest];
      if (oldest === undefined || oldest.untilMs > nowMs) break;
      this.#drain(oldest.untilMs);
      this.#oldest += 1;
      this.#inflow -= oldest.inflow;
    }
    this.#drain(nowMs);
    this.#forget();
  }

  #drain(untilMs: number): void {
    const queuedBits = this.#queuedBits + (this.#inflow - this.#outflow) * (untilMs - this.#atMs);
    // What was let in at a higher rate than the uplink has now is lost too where the queue is full.
    this.#queuedBits = Math.max(0, Math.min(queuedBits, this.#mostMs * this.#outflow));
    this.#atMs = untilMs;
  }

  /** What has come in entirely is let go of now and then; with nothing on its way, sums begin anew without their rounding. */
  #forget(): void {
    if (this.#oldest < this.#coming.length && this.#oldest < FORGET_AT) return;
    this.#coming = this.#coming.slice(this.#oldest);
    this.#oldest = 0;
    if (this.#coming.length === 0) this.#inflow = 0;
  }
}

/** Few enough to be kept, so many that letting go costs nothing a packet. */
const FORGET_AT = 4096;
