/**
 * Which RTP time it is on an own stream, at any moment: what a sender report tells (RFC 3550 section 6.4.1). It goes on by the
 * monotonic clock, also while nothing is sent. The program that feeds the stream knows best; until it has said so, packets tell.
 */

/** A packet that comes this much later than those before waited somewhere; beyond it the stream's time has stood still. In ms. */
const MOST_LATE_MS = 200;
/** What the least delayed packet of this long still was late by is no delay: the program's clock is slower than ours. In ms. */
const WINDOW_MS = 2000;
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
  /** Since when lateness is watched, and the least since then. */
  #windowMs = 0;
  #leastLateMs = Number.POSITIVE_INFINITY;

  /** @param clockRate ticks of the RTP timestamp in a second */
  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate / 1000;
  }

  /** A packet with this timestamp leaves. Cheap enough to be called for every packet. */
  sent(timestamp: number, nowMs: number): void {
    const known = this.#byPackets;
    const lateMs = known === null ? 0 : -this.#aheadMs(timestamp, known, nowMs);
    if (known === null || lateMs <= 0 || lateMs > MOST_LATE_MS) {
      this.#follow({ atMs: nowMs, timestamp });
      return;
    }
    this.#leastLateMs = Math.min(this.#leastLateMs, lateMs);
    if (nowMs - this.#windowMs < WINDOW_MS) return;
    this.#follow({ atMs: nowMs, timestamp: this.#timestampAt(known, nowMs) - this.#leastLateMs * this.#ticksPerMs });
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

  #follow(moment: Moment): void {
    this.#byPackets = moment;
    this.#windowMs = moment.atMs;
    this.#leastLateMs = Number.POSITIVE_INFINITY;
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
