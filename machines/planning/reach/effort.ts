/** How much a plan may try: the search ends there, whatever there is still to gain, for every change of a room is planned at once. */

/** Looks for a way, times the peers of the room: a look costs as much as there are receivers. */
const MOST = 150_000;

export class Effort {
  readonly #each: number;
  #left = MOST;

  /** @param size peers in the room */
  constructor(size: number) {
    this.#each = size;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  spend(): void {
    this.#left -= this.#each;
  }
}
