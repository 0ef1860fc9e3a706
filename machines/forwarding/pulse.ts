/**
 * How regularly one member is heard on the media path, and so, for how long it is quiet before that says something. Pure: the
 * time is given.
 */
import { DELAYS } from '../timers.ts';

/** By so few packets nobody knows how regularly they come. */
const FEWEST = 8;
/** So many reports in a row are missing: of two, both are lost now and then. */
const REPORTS_MISSED = 3.5;
/** How much one report weighs in the mean of their distances. */
const GAIN = 1 / 8;
/** For how long a member was quiet is half forgotten after this, in ms. */
const HALF_LIFE_MS = 10_000;

export class Pulse {
  #count = 0;
  #heardMs = 0;
  #longestMs = 0;
  #longestAtMs = 0;
  #reportedMs: number | undefined;
  #reportEveryMs = 0;

  /** When anything came of it last. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Anything has come of it. Cheap enough to be called for every packet. */
  heard(nowMs: number): void {
    // What is longer than relaySilence teaches nothing more.
    const quietMs = this.#count === 0 ? 0 : Math.min(nowMs - this.#heardMs, DELAYS.relaySilence);
    if (quietMs >= this.#longestAt(nowMs)) {
      this.#longestMs = quietMs;
      this.#longestAtMs = nowMs;
    }
    this.#count++;
    this.#heardMs = nowMs;
  }

  /** A datagram with its reports on what it forwards for us has come. */
  reported(nowMs: number): void {
    const since = this.#reportedMs;
    this.#reportedMs = nowMs;
    if (since === undefined || since === nowMs) return;
    const everyMs = Math.min(nowMs - since, DELAYS.relaySilence);
    this.#reportEveryMs += (this.#reportEveryMs === 0 ? 1 : GAIN) * (everyMs - this.#reportEveryMs);
  }

  /**
   * For how long it may be quiet, in ms; infinity: it does not come regularly enough to tell.
   *
   * @param lateMs by how much anything may be late beyond what it was lately
   */
  patienceMs(nowMs: number, lateMs: number): number {
    if (this.#count < FEWEST) return Number.POSITIVE_INFINITY;
    const longMs = Math.max(this.#longestAt(nowMs) + lateMs, REPORTS_MISSED * this.#reportEveryMs);
    return longMs > DELAYS.relaySilence ? Number.POSITIVE_INFINITY : longMs;
  }

  #longestAt(nowMs: number): number {
    return this.#longestMs * 0.5 ** ((nowMs - this.#longestAtMs) / HALF_LIFE_MS);
  }
}
