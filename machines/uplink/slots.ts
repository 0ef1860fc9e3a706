/** What one leg's packets met, in slots of 25 ms of their departure: all that the rules look at, in a ring that never grows. */

export const SLOT_MS = 25;
/** 1.6 s of departures: more than any rule looks back. */
export const SLOTS = 64;

export function slotAt(sentAtMs: number): number {
  return Math.floor(sentAtMs / SLOT_MS);
}

/** One packet whose waiting is known: where a stretch of departures begins or ends. */
export interface Mark {
  readonly sentAtMs: number;
  readonly queueMs: number;
  /** Bytes that had left with it and before it: over all legs, and over its own. */
  readonly upTo: number;
  readonly ownUpTo: number;
}

export interface Slot {
  number: number;
  /** Packets of which the receiver has told. */
  told: number;
  lost: number;
  /** Packets whose waiting is known. */
  marked: number;
  /** The one that waited least. */
  least: Mark | undefined;
}

export class Slots {
  readonly #ring: (Slot | undefined)[] = new Array<Slot | undefined>(SLOTS).fill(undefined);

  /** The slot of this number if anything is known of it. */
  at(number: number): Slot | undefined {
    const slot = this.#ring[number % SLOTS];
    return slot?.number === number ? slot : undefined;
  }

  arrived(mark: Mark): void {
    const slot = this.#take(mark.sentAtMs);
    if (slot === undefined) return;
    slot.told += 1;
    slot.marked += 1;
    if (slot.least === undefined || mark.queueMs < slot.least.queueMs) slot.least = mark;
  }

  /** Its number was sent twice: that it came counts, how long it took does not. */
  arrivedSometime(sentAtMs: number): void {
    const slot = this.#take(sentAtMs);
    if (slot !== undefined) slot.told += 1;
  }

  lost(sentAtMs: number): void {
    const slot = this.#take(sentAtMs);
    if (slot === undefined) return;
    slot.told += 1;
    slot.lost += 1;
  }

  /** It had been taken for lost, and has come. */
  found(sentAtMs: number): void {
    const slot = this.at(slotAt(sentAtMs));
    if (slot === undefined || slot.lost === 0) return;
    slot.lost -= 1;
    slot.told -= 1;
  }

  /** Sums over slots from the one number to the other, both included. */
  between(first: number, last: number): { readonly told: number; readonly lost: number } {
    let [told, lost] = [0, 0];
    for (let number = Math.max(first, last - SLOTS + 1); number <= last; number += 1) {
      const slot = this.at(number);
      told += slot?.told ?? 0;
      lost += slot?.lost ?? 0;
    }
    return { told, lost };
  }

  /** Undefined where a newer one has its place: what is told so late changes nothing. */
  #take(sentAtMs: number): Slot | undefined {
    const number = slotAt(sentAtMs);
    const held = this.#ring[number % SLOTS];
    if (held?.number === number) return held;
    if (held !== undefined && held.number > number) return undefined;
    const fresh: Slot = { number, told: 0, lost: 0, marked: 0, least: undefined };
    this.#ring[number % SLOTS] = fresh;
    return fresh;
  }
}
