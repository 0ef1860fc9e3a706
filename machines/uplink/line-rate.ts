/** How much passes a line, over the last moments: sums of 25 ms in a ring. */
import { SLOT_MS, SLOTS, slotAt } from './slots.ts';

export class LineRate {
  readonly #bytes = new Float64Array(SLOTS);
  #newest = 0;

  add(bytes: number, atMs: number): void {
    const slot = slotAt(atMs);
    if (slot <= this.#newest - SLOTS) return;
    this.#turnTo(slot);
    this.#bytes[slot % SLOTS] = (this.#bytes[slot % SLOTS] ?? 0) + bytes;
  }

  /** Over so many ms before this, in whole slots. */
  bps(nowMs: number, overMs: number): number {
    const last = slotAt(nowMs);
    this.#turnTo(last);
    const count = Math.min(SLOTS - 1, Math.round(overMs / SLOT_MS));
    let bytes = 0;
    for (let slot = last - count; slot < last; slot += 1)
      if (slot > this.#newest - SLOTS && slot >= 0) bytes += this.#bytes[slot % SLOTS] ?? 0;
    return (8000 * bytes) / (count * SLOT_MS);
  }

  #turnTo(slot: number): void {
    if (slot <= this.#newest) return;
    if (slot - this.#newest >= SLOTS) this.#bytes.fill(0);
    else for (let turned = this.#newest + 1; turned <= slot; turned += 1) this.#bytes[turned % SLOTS] = 0;
    this.#newest = slot;
  }
}
