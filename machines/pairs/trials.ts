/**
 * How often addresses are checked that have proved nothing: whoever names a stranger's over and over, in whatever order and with
 * whatever ports, gets it no more checks than who names it once. Pure: the time is given.
 */
import type { Endpoint } from '../messages.ts';

/** A member may name so many addresses of one host. */
const MOST_OF_HOST = 2;
/** Twice as many as a member may name at once: one that names more within one pace waits. */
const MOST_TRIED = 32;

interface Trial {
  readonly host: string;
  readonly atMs: number;
}

/** When each address was checked last that had proved nothing, the oldest first: of all pairs, for several may name the same one. */
export type TriedPlaces = Map<string, number>;

/** Of one pair. */
export class Trials {
  readonly #places: TriedPlaces;
  /** By address, the oldest first. */
  readonly #trials = new Map<string, Trial>();

  constructor(places: TriedPlaces) {
    this.#places = places;
  }

  /**
   * @param text of the address
   * @param paceMs before an address is checked again
   * @returns when it may be checked; `nowMs`: it counts as checked
   */
  take(text: string, { host }: Endpoint, nowMs: number, paceMs: number): number {
    for (const [other, { atMs }] of this.#trials) if (nowMs >= atMs + paceMs) this.#trials.delete(other);
    for (const [other, atMs] of this.#places) {
      if (nowMs < atMs + paceMs) break;
      this.#places.delete(other);
    }
    const ofHost = [...this.#trials.values()].filter((trial) => trial.host === host);
    const [oldest] = this.#trials.values();
    const inTheWay = ofHost.length >= MOST_OF_HOST ? ofHost[0] : this.#trials.size >= MOST_TRIED ? oldest : undefined;
    const beforeMs = this.#places.get(text) ?? inTheWay?.atMs;
    if (beforeMs !== undefined) return beforeMs + paceMs;
    this.#trials.set(text, { host, atMs: nowMs });
    this.#places.set(text, nowMs);
    return nowMs;
  }
}
