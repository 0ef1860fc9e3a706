/** Which packets have been taken already: none is taken twice (RFC 3711 section 3.3.2). */

/** RFC 3711 asks for 64. This is most of a second at 10 Mbit/s: nothing on one machine is later than that. */
export const WINDOW_PACKETS = 1024;
const WORD_BITS = 32;

export class ReplayWindow {
  readonly #taken = new Uint32Array(WINDOW_PACKETS / WORD_BITS);
  #highest = -1;

  /** The highest index taken; -1: none yet. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether `index` is neither taken nor so old that nobody knows. */
  isFresh(index: number): boolean {
    if (index > this.#highest) return true;
    return !this.isOld(index) && ((this.#taken[wordOf(index)] ?? 0) & maskOf(index)) === 0;
  }

  /** Whether `index` is so old that nobody knows whether it was taken. */
  isOld(index: number): boolean {
    return index <= this.#highest - WINDOW_PACKETS;
  }

  /** Call it once the packet has proved itself: a forged one must not move the window. */
  take(index: number): void {
    const from = Math.max(this.#highest, index - WINDOW_PACKETS) + 1;
    for (let skipped = from; skipped <= index; skipped++) {
      this.#taken[wordOf(skipped)] = (this.#taken[wordOf(skipped)] ?? 0) & ~maskOf(skipped);
    }
    this.#taken[wordOf(index)] = (this.#taken[wordOf(index)] ?? 0) | maskOf(index);
    if (index > this.#highest) this.#highest = index;
  }

  /** What was taken under this index was none of the sender's: another packet under it is fresh. */
  free(index: number): void {
    if (index > this.#highest || this.isOld(index)) return;
    this.#taken[wordOf(index)] = (this.#taken[wordOf(index)] ?? 0) & ~maskOf(index);
  }
}

function wordOf(index: number): number {
  return (index % WINDOW_PACKETS) >>> 5;
}

function maskOf(index: number): number {
  return 1 << (index % WORD_BITS);
}
