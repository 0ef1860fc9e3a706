/**
 * What every peer sends and lends, and what one bit more costs there. The price is next to nothing while an uplink is half empty and
 * rises steeply where it is full: when each stream goes the cheapest way, what has other ways leaves an uplink to what has none.
 */
import type { Room } from '../room.ts';
import type { Tree } from './tree.ts';

/** Uplinks fuller than so many times what they hold are all alike. */
const FULLEST = 1000;
/** An uplink of nothing is treated as one of this, bit/s. */
const LEAST_BPS = 1e-3;
/** The steeper, the nearer is the cheapest plan to the one whose fullest uplink is least full; and the longer the search. */
const POWER = 16;

export class Uplinks {
  /** By peer index, bit/s. */
  readonly #usable: Float64Array;
  readonly #lendable: Float64Array;
  readonly #sent: Float64Array;
  readonly #lent: Float64Array;
  /** By peer index: the price of sending, and of relaying. */
  readonly #price: Float64Array;
  readonly #relayPrice: Float64Array;

  constructor({ peers }: Room) {
    this.#usable = Float64Array.from(peers, ({ usableBps }) => Math.max(LEAST_BPS, usableBps));
    this.#lendable = Float64Array.from(peers, ({ lendBps }) => Math.max(LEAST_BPS, lendBps));
    this.#sent = new Float64Array(peers.length);
    this.#lent = new Float64Array(peers.length);
    this.#price = new Float64Array(peers.length);
    this.#relayPrice = new Float64Array(peers.length);
  }

  /** @param bps of a copy; less than 0: it is not sent any more */
  carry({ loads }: Tree, bps: number): void {
    const [own] = loads;
    for (const load of loads) this.send(load.peer, load.copies * bps, load !== own);
  }

  /** @param relays whether it is for others */
  send(peer: number, bps: number, relays: boolean): void {
    this.#sent[peer] = (this.#sent[peer] ?? 0) + bps;
    if (relays) this.#lent[peer] = (this.#lent[peer] ?? 0) + bps;
    const price = steep(this.#used(peer));
    this.#price[peer] = price;
    this.#relayPrice[peer] = price + (this.#isLentLess(peer) ? steep(this.#usedOfLent(peer)) : 0);
  }

  /** What a bit more costs where so much is sent already. */
  price(peer: number, relays: boolean): number {
    return (relays ? this.#relayPrice[peer] : this.#price[peer]) ?? 0;
  }

  /** How much of what it may send a peer sends, 1: all. */
  fullness(peer: number): number {
    return Math.max(this.#used(peer), this.#isLentLess(peer) ? this.#usedOfLent(peer) : 0);
  }

  /** What all that a peer sends costs: the sum of the prices of its bits, each at what was sent before it. */
  cost(peer: number): number {
    const used = this.#used(peer);
    const own = ((this.#usable[peer] ?? 0) * used * steep(used)) / (POWER + 1);
    if (!this.#isLentLess(peer)) return own;
    const lent = this.#usedOfLent(peer);
    return own + ((this.#lendable[peer] ?? 0) * lent * steep(lent)) / (POWER + 1);
  }

  #used(peer: number): number {
    return Math.min(FULLEST, (this.#sent[peer] ?? 0) / (this.#usable[peer] ?? 1));
  }

  #usedOfLent(peer: number): number {
    return Math.min(FULLEST, (this.#lent[peer] ?? 0) / (this.#lendable[peer] ?? 1));
  }

  #isLentLess(peer: number): boolean {
    return (this.#lendable[peer] ?? 0) < (this.#usable[peer] ?? 0);
  }
}

/** A power of it, by multiplying: the same on every machine. */
function steep(used: number): number {
  const square = used * used;
  const fourth = square * square;
  const eighth = fourth * fourth;
  return eighth * eighth;
}
