/**
 * Which RTP time it is on an own stream, at any moment: what a sender report tells (RFC 3550 section 6.4.1). It goes on by the
 * monotonic clock, also while nothing is sent. The program that feeds the stream knows best; until it has said so, packets tell.
 */
import { Lateness } from '../../../infra/rtp/lateness.ts';

/** A packet is late by no more where it waited: beyond it the stream's time has stood still, as that of a muted voice does. In ms. */
const LONGEST_LATE_MS = 200;
/** A stream that has fallen back is followed within as long: others' lips would stay off by as much. In ms. */
const LATE_WINDOW_MS = 2000;
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
  readonly #lateness: Lateness;
  /** Of the newest packet: when it would have left if it had waited nowhere. */
  #byPackets: Moment | null = null;
  #byProgram: Moment | null = null;

  /** @param clockRate ticks of the RTP timestamp in a second */
  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate / 1000;
    this.#lateness = new Lateness({ clockRate, longestMs: LONGEST_LATE_MS, windowMs: LATE_WINDOW_MS });
  }

  /** A packet with this timestamp leaves. Cheap enough to be called for every packet. */
  sent(timestamp: number, nowMs: number): void {
    this.#byPackets = { atMs: nowMs - this.#lateness.take(timestamp, nowMs), timestamp };
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
