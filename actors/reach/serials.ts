/** Which numbers of a counter have come, so that none counts twice: the window of RFC 4303 section 3.4.3 for a counter with gaps. */

/** More than a member's checks overtake each other on different ways. */
const REMEMBERED = 64;

export class Serials {
  readonly #seen = new Set<number>();
  /** What is not above it came too late, or a second time. */
  #floor = 0;

  /** @returns whether it has come for the first time */
  take(serial: number): boolean {
    if (serial <= this.#floor || this.#seen.has(serial)) return false;
    this.#seen.add(serial);
    if (this.#seen.size > REMEMBERED) {
      this.#floor = Math.min(...this.#seen);
      this.#seen.delete(this.#floor);
    }
    return true;
  }
}
