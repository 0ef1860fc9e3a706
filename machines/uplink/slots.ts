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
  /** Bytes that left, told of or not. */
  sent: number;
  /** Packets of which the receiver has told, their bytes, and the bytes of those that did not come. */
  packets: number;
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

  sent(sentAtMs: number, bytes: number): void {
    const slot = this.#take(sentAtMs);
    if (slot !== undefined) slot.sent += bytes;
  }

  arrived(mark: Mark, bytes: number): void {
    const slot = this.#take(mark.sentAtMs);
    if (slot === undefined) return;
    count(slot, bytes);
    slot.marked += 1;
    if (slot.least === undefined || mark.queueMs < slot.least.queueMs) slot.least = mark;
  }

  /** Its number was sent twice, or its receiver was busy: that it came counts, how long it took does not. */
  arrivedSometime(sentAtMs: number, bytes: number): void {
    const slot = this.#take(sentAtMs);
    if (slot !== undefined) count(slot, bytes);
  }

  lost(sentAtMs: number, bytes: number): void {
    const slot = this.#take(sentAtMs);
    if (slot === undefined) return;
    count(slot, bytes);
    slot.lost += bytes;
  }

  /** It had been taken for lost, and has come. */
  found(sentAtMs: number, bytes: number): void {
    const slot = this.at(slotAt(sentAtMs));
    if (slot === undefined || slot.lost < bytes) return;
    slot.lost -= bytes;
    slot.told -= bytes;
    slot.packets -= 1;
  }

  /** Sums over slots from the one number to the other, both included. */
  between(first: number, last: number): Pick<Slot, 'sent' | 'packets' | 'told' | 'lost'> {
    let [sent, packets, told, lost] = [0, 0, 0, 0];
    for (let number = Math.max(first, last - SLOTS + 1); number <= last; number += 1) {
      const slot = this.at(number);
      sent += slot?.sent ?? 0;
      packets += slot?.packets ?? 0;
      told += slot?.told ?? 0;
      lost += slot?.lost ?? 0;
    }
    return { sent, packets, told, lost };
  }

  /** Undefined where a newer one has its place: what is told so late changes nothing. */
  #take(sentAtMs: number): Slot | undefined {
    const number = slotAt(sentAtMs);
    const held = this.#ring[number % SLOTS];
    if (held?.number === number) return held;
    if (held !== undefined && held.number > number) return undefined;
    const fresh: Slot = { number, sent: 0, packets: 0, told: 0, lost: 0, marked: 0, least: undefined };
    this.#ring[number % SLOTS] = fresh;
    return fresh;
  }
}

function count(slot: Slot, bytes: number): void {
  slot.packets += 1;
  slot.told += bytes;
}
