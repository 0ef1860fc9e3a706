/** What a member's reports waited on their way to us, by when it says that they were written. */
import { BaseDelay } from '../uplink/base-delay.ts';
import { ClockWatch } from '../uplink/clock-watch.ts';
import type { Written } from './contract.ts';

/** The least of so long is what waits: a report that the network held up says nothing. */
const WINDOW_MS = 160;
/** Who reports seldom counts for so long: sender reports come once a second. */
const MOST_WINDOW_MS = 1300;
/** Of one member: more than the window holds of honest reports. */
const MOST_READINGS = 64;

interface Reading {
  readonly atMs: number;
  readonly queueMs: number;
}

export class Way {
  /** Its reports wait, in our downlink or on their own way: no time to learn how long the way is. */
  isBusy = false;
  /** It has been seen while nothing waited for us, so that what its reports take is its way's. */
  isWayKnown = false;
  /** When it was heard last. */
  lastMs = Number.NEGATIVE_INFINITY;
  readonly #base = new BaseDelay();
  readonly #clock = new ClockWatch();
  #readings: Reading[] = [];

  came({ writtenAtMs, atMs }: Omit<Written, 'from'>): void {
    if (!Number.isFinite(writtenAtMs)) return;
    if (this.#clock.wasSet({ reportedAtMs: writtenAtMs, atMs })) this.forget();
    const queueMs = this.#base.take(atMs - writtenAtMs, atMs, this.isBusy);
    this.lastMs = atMs;
    const kept = this.#readings.filter((reading) => atMs - reading.atMs < MOST_WINDOW_MS);
    this.#readings = [...kept, { atMs, queueMs }].slice(-MOST_READINGS);
  }

  /** Undefined where it has not reported for a while. */
  leastQueueMs(nowMs: number): number | undefined {
    const recent = this.#readings.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    const last = this.#readings.at(-1);
    const counted = recent.length > 0 || last === undefined || nowMs - last.atMs >= MOST_WINDOW_MS ? recent : [last];
    return counted.length === 0 ? undefined : Math.min(...counted.map(({ queueMs }) => queueMs));
  }

  /** How long it is has to be learnt anew. */
  forget(): void {
    this.#base.forget();
    this.#readings = [];
    this.isWayKnown = false;
  }
}
