/** A member's line as it is where packets are as large as on the wire: a real queue, which others in the same house fill too. */

import { Line } from '../../../uplink/line.ts';
import { program } from '../../../uplink/others.ts';
import type { VirtualClock } from '../clock.ts';

/** What a home router's queue holds before it drops, in ms at its rate. */
const ROUTER_MS = 250;

/** Where a peer's packets leave. */
export interface Outlet {
  /** What it carries, or is said to, in bit/s. */
  rateBps: number;
  /** The share of it that is true. */
  share: number;
  /** Whether the queue is its owner's: a packet goes where it should when it leaves, not when it came. */
  readonly isPacer: boolean;
  /**
   * How long a packet of so many bits waits for those before it, in ms; undefined where the queue is full.
   *
   * @param urgent it passes the sender's own queue
   */
  take(bits: number, nowMs: number, urgent?: boolean): number | undefined;
  /** How long video that comes now would wait in its owner's own queue, in ms. */
  pacedMs(nowMs: number): number;
}

/** What stays in a home passes no line. */
export const WITHIN_HOME: Outlet = { rateBps: 0, share: 1, isPacer: false, take: () => 0, pacedMs: () => 0 };

export class AccessLine implements Outlet {
  readonly #line: Line;
  readonly #clock: VirtualClock;
  /** Bits that its owner has given to it, and packets of these that it dropped. */
  offeredBits = 0;
  readonly isPacer = false;
  dropped = 0;
  #rateBps: number;
  #share = 1;

  constructor(rateBps: number, clock: VirtualClock, bucketBytes = 0) {
    this.#rateBps = rateBps;
    this.#clock = clock;
    this.#line = new Line({ bps: rateBps, bufferMs: ROUTER_MS, bucketBytes });
  }

  get rateBps(): number {
    return this.#rateBps;
  }

  set rateBps(bps: number) {
    this.#rateBps = bps;
    this.#line.carries(bps * this.#share);
  }

  get share(): number {
    return this.#share;
  }

  set share(share: number) {
    this.#share = share;
    this.#line.carries(this.#rateBps * share);
  }

  take(bits: number, nowMs: number): number | undefined {
    const waitMs = this.#line.take(bits / 8, nowMs);
    this.offeredBits += bits;
    if (waitMs === undefined) this.dropped += 1;
    return waitMs;
  }

  /** Its owner's queue is not here. */
  pacedMs(): number {
    return 0;
  }

  /** Another program in the house sends so much, until the returned function is called. */
  shareWith(bps: number): () => void {
    return program(this.#line, this.#clock, bps);
  }
}
