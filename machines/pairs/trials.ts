/**
 * How often addresses are checked that have proved nothing: whoever names a stranger's over and over, in whatever order and with
 * whatever ports, gets it no more checks than who names it once. Pure: the time is given.
 */
import type { Endpoint } from '../messages.ts';

/** Within so many paces what follows is counted. */
const WINDOW = 2;
/**
 * Paces until an address is checked again, in turns: a check that comes before the other's router lets it in is repeated soon, and on
 * average there is one a pace.
 */
export const AGAIN_AFTER = 0.75;
const ANEW_AFTER = WINDOW - AGAIN_AFTER;
/** Checks of one host: two of its addresses, or one twice. */
const MOST_OF_HOST = 2;
/** Checks of all: half as many again as addresses that a member may name at once. Whoever names more waits. */
const MOST_TRIED = 24;

interface Trial {
  readonly host: string;
  readonly atMs: number;
}

interface Tried {
  readonly atMs: number;
  /** It had been checked a short while before. */
  readonly isAgain: boolean;
}

/** When each address was checked last that had proved nothing, the oldest first: of all pairs, for several may name the same one. */
export type TriedPlaces = Map<string, Tried>;

/** Of one pair. */
export class Trials {
  readonly #places: TriedPlaces;
  /** The oldest first. */
  #trials: Trial[] = [];

  constructor(places: TriedPlaces) {
    this.#places = places;
  }

  /**
   * @param text of the address
   * @param paceMs at which an address is checked again and again
   * @returns when it may be checked; `nowMs`: it counts as checked
   */
  take(text: string, { host }: Endpoint, nowMs: number, paceMs: number): number {
    const windowMs = WINDOW * paceMs;
    this.#trials = this.#trials.filter(({ atMs }) => nowMs < atMs + windowMs);
    for (const [other, { atMs }] of this.#places) {
      if (nowMs < atMs + ANEW_AFTER * paceMs) break;
      this.#places.delete(other);
    }
    const ofHost = this.#trials.filter((trial) => trial.host === host);
    const [oldest] = this.#trials;
    const inTheWay = ofHost.length >= MOST_OF_HOST ? ofHost[0] : this.#trials.length >= MOST_TRIED ? oldest : undefined;
    const last = this.#places.get(text);
    const freeMs = Math.max(
      inTheWay === undefined ? nowMs : inTheWay.atMs + windowMs,
      last === undefined ? nowMs : last.atMs + (last.isAgain ? ANEW_AFTER : AGAIN_AFTER) * paceMs,
    );
    if (freeMs > nowMs) return freeMs;
    this.#trials.push({ host, atMs: nowMs });
    // The newest stands last.
    this.#places.delete(text);
    this.#places.set(text, { atMs: nowMs, isAgain: last !== undefined && !last.isAgain });
    return nowMs;
  }
}
