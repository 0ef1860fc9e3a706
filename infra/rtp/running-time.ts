/**
 * The timestamps of one stream that goes on through many runs: a program that starts anew, another source, a clock that was set. The
 * first packet of each run gets the timestamp that the stream would have by now, and the rest of the run follows it.
 *
 * Packets wait, on their way or at their source. What they waited where one run ends and the next begins must add up to nothing, or the
 * stream is ever later, or ever further ahead. How long the last one waited is known from those before. That the first one did shows
 * only when others come sooner after it: that run stays ahead by as much, and the next one begins by as much earlier, or the one after
 * it, as no timestamp goes back.
 */
import { Lateness, LONGEST_LATE_MS } from './lateness.ts';

/** A timestamp, and when a packet with it comes that has waited nowhere. */
interface Moment {
  readonly timestamp: number;
  readonly atMs: number;
}

export class RunningTime {
  readonly #clockRate: number;
  readonly #firstTimestamp: number | undefined;
  #offset = 0;
  /** By the stream's own timestamps; null before the first packet. */
  #newest: Moment | null = null;
  #lateness: Lateness;
  /** The first packet of this run, by the run's timestamps; null in the first run, which sets the stream's time. */
  #first: Moment | null = null;
  #firstWaitedMs = 0;
  /** How far the stream was ahead of its time when this run began. */
  #aheadMs = 0;

  /**
   * @param clockRate ticks of the timestamp in a second
   * @param firstTimestamp what the stream begins with; left out: with that of its first packet
   */
  constructor(clockRate: number, firstTimestamp?: number) {
    this.#clockRate = clockRate;
    this.#firstTimestamp = firstTimestamp;
    this.#lateness = new Lateness({ clockRate });
  }

  /** What is added to the timestamps of this run. */
  get offset(): number {
    return this.#offset;
  }

  /** The timestamp that a packet of this run has in the stream. */
  of(timestamp: number): number {
    return (timestamp + this.#offset) >>> 0;
  }

  /** Whether a packet of this run would be earlier than the newest one. */
  goesBack(timestamp: number): boolean {
    return this.#newest !== null && ((this.of(timestamp) - this.#newest.timestamp) | 0) < 0;
  }

  /** Another run begins with this timestamp. It never goes back, nor stands still. */
  begin(timestamp: number, atMs: number): void {
    if (this.#newest === null) {
      this.#offset = (this.#firstTimestamp ?? timestamp) - timestamp;
      return;
    }
    const passedMs = atMs - this.#newest.atMs - this.#aheadMs - this.#firstWaitedMs;
    const ticks = Math.max(1, Math.round((passedMs * this.#clockRate) / 1000));
    this.#offset = this.#newest.timestamp + ticks - timestamp;
    this.#aheadMs = Math.min((1000 * ticks) / this.#clockRate - passedMs, LONGEST_LATE_MS);
    this.#first = { timestamp, atMs };
    this.#firstWaitedMs = 0;
    this.#lateness = new Lateness({ clockRate: this.#clockRate });
  }

  /** A packet of this run has come that is newer than all before. */
  came(timestamp: number, atMs: number): void {
    this.#newest = { timestamp: this.of(timestamp), atMs: atMs - this.#lateness.take(timestamp, atMs) };
    this.#firstWaitedMs = Math.max(this.#firstWaitedMs, this.#soonerMs(timestamp, atMs));
  }

  /** By how much sooner than the first of its run a packet has come; 0 so late after it that it tells nothing of what the first one waited. */
  #soonerMs(timestamp: number, atMs: number): number {
    if (this.#first === null) return 0;
    const sinceMs = atMs - this.#first.atMs;
    const soonerMs = (1000 * ((timestamp - this.#first.timestamp) | 0)) / this.#clockRate - sinceMs;
    return sinceMs > LONGEST_LATE_MS || soonerMs > LONGEST_LATE_MS ? 0 : soonerMs;
  }
}
