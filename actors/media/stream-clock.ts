/**
 * Which RTP time it is on an own stream, at any moment: what a sender report tells (RFC 3550 section 6.4.1). It goes on by the
 * monotonic clock, also while nothing is sent. The program that feeds the stream knows best; until it has said so, packets tell.
 */

/** A packet that comes this much later than those before waited somewhere; beyond it the stream's time has stood still. In ms. */
const MOST_LATE_MS = 200;
/** Later packets move the clock back by at most this share of the time that has passed: clocks of sound cards differ by less. */
const MOST_DRIFT = 1 / 1000;
/** What a program says may differ from what its packets show by no more than its encoder holds back. In ms. */
const MOST_HELD_BACK_MS = 10_000;

/** Timestamps have 32 bits. */
const TIMESTAMP_COUNT = 2 ** 32;

/** One moment, by the monotonic clock and by the RTP timestamp, which may have a fraction here. */
interface Moment {
  readonly atMs: number;
  readonly timestamp: number;
}

export class StreamClock {
  readonly #ticksPerMs: number;
  #byPackets: Moment | null = null;
  #byProgram: Moment | null = null;

  /** @param clockRate ticks of the RTP timestamp in a second */
  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate / 1000;
  }

  /** A packet with this timestamp leaves. Cheap enough to be called for every packet. */
  sent(timestamp: number, nowMs: number): void {
    const known = this.#byPackets;
    if (known === null) {
      this.#byPackets = { atMs: nowMs, timestamp };
      return;
    }
    const lateMs = -this.#aheadMs(timestamp, known, nowMs);
    if (lateMs <= 0 || lateMs > MOST_LATE_MS) {
      this.#byPackets = { atMs: nowMs, timestamp };
      return;
    }
    const allowedMs = Math.min(lateMs, MOST_DRIFT * (nowMs - known.atMs));
    this.#byPackets = { atMs: nowMs, timestamp: timestamp + (lateMs - allowedMs) * this.#ticksPerMs };
  }

  /**
   * The program says that this moment had this timestamp.
   *
   * @returns whether it can be so
   */
  told(timestamp: number, atMs: number): boolean {
    const known = this.#byPackets;
    if (known === null || Math.abs(this.#aheadMs(timestamp, known, atMs)) > MOST_HELD_BACK_MS) return false;
    this.#byProgram = { atMs, timestamp };
    return true;
  }

  /** Another program, or the same one anew: what was told before is not about its packets. */
  forgetProgram(): void {
    this.#byProgram = null;
  }

  /** The RTP timestamp at this moment; undefined before the first packet. */
  at(nowMs: number): number | undefined {
    const known = this.#byProgram ?? this.#byPackets;
    return known === null ? undefined : Math.round(this.#timestampAt(known, nowMs)) >>> 0;
  }

  #timestampAt({ atMs, timestamp }: Moment, nowMs: number): number {
    return timestamp + (nowMs - atMs) * this.#ticksPerMs;
  }

  /** How far `timestamp` lies after what `known` lets expect at that moment, in ms. */
  #aheadMs(timestamp: number, known: Moment, nowMs: number): number {
    const ticks = timestamp - this.#timestampAt(known, nowMs);
    return (ticks - TIMESTAMP_COUNT * Math.round(ticks / TIMESTAMP_COUNT)) / this.#ticksPerMs;
  }
}
