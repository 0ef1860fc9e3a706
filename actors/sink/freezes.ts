/**
 * How often and for how long a picture stands still, by the frames that come: as freezeCount and totalFreezesDuration of W3C webrtc-stats
 * have it, but for what a decoder makes of them. What stands still for longer than a moment has been paused.
 */
import { PICTURE_CLOCK_RATE } from '../../infra/codec/codec.ts';

/** Of so many intervals between frames the mean is taken. */
const INTERVALS = 30;
/** A frame is late when it comes after so many times the mean, and by so many ms more than the mean. */
const LATE_TIMES = 3;
const LATE_BY_MS = 150;
/** As long as that nobody waits for a picture: it is paused, or another one. In ms. */
const PAUSED_MS = 5000;

/** No frame comes so much later than its successor, in ticks. */
const MOST_BEHIND = (PICTURE_CLOCK_RATE / 1000) * PAUSED_MS;

export interface FreezeTotals {
  readonly freezes: number;
  /** How long all of them lasted together. */
  readonly frozenMs: number;
  /** For how long no frame has come by now, where the next one is late; 0: it is not. */
  readonly stillMs: number;
}

export const NO_FREEZES: FreezeTotals = { freezes: 0, frozenMs: 0, stillMs: 0 };

export class Freezes {
  #timestamp: number | null = null;
  #atMs = 0;
  readonly #intervals: number[] = [];
  #sumMs = 0;
  #count = 0;
  #frozenMs = 0;

  /** A packet with this RTP timestamp has come. Cheap enough to be called for every packet. */
  arrived(timestamp: number, nowMs: number): void {
    const known = this.#timestamp;
    const behind = known === null ? -1 : (known - timestamp) | 0;
    // The rest of a frame, or of one before; what lies further back has begun anew.
    if (behind >= 0 && behind < MOST_BEHIND) return;
    this.#timestamp = timestamp;
    if (known !== null) this.#follow(nowMs - this.#atMs);
    this.#atMs = nowMs;
  }

  totals(nowMs: number): FreezeTotals {
    const sinceMs = nowMs - this.#atMs;
    const stillMs = this.#timestamp !== null && this.#isLate(sinceMs) ? sinceMs : 0;
    return { freezes: this.#count, frozenMs: this.#frozenMs, stillMs };
  }

  #follow(intervalMs: number): void {
    // After a pause it may have another pace.
    if (intervalMs >= PAUSED_MS) {
      this.#intervals.length = 0;
      this.#sumMs = 0;
      return;
    }
    if (this.#isLate(intervalMs)) {
      this.#count++;
      this.#frozenMs += intervalMs;
    }
    this.#intervals.push(intervalMs);
    this.#sumMs += intervalMs;
    if (this.#intervals.length > INTERVALS) this.#sumMs -= this.#intervals.shift() ?? 0;
  }

  /** Before there are two frames nobody knows their pace. */
  #isLate(intervalMs: number): boolean {
    const { length } = this.#intervals;
    if (length === 0) return false;
    const meanMs = this.#sumMs / length;
    return intervalMs >= Math.max(LATE_TIMES * meanMs, meanMs + LATE_BY_MS);
  }
}
