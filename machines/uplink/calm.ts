/** A figure for plans: a plan that follows every breath of a line would move the room without end. */

/** Less by this share is within what the budget leaves free of the line: no plan need move. */
const FALL = 0.03;
/** Less by this share is no breath: it is told at once. What is less by less than this has to last: packets wait for it a little. */
const DEEP_FALL = 0.12;
const FALL_LASTS_MS = 1500;
/** More by this share is worth a new plan, if it lasts. */
const RISE = 0.1;
const RISE_LASTS_MS = 2000;

/** What has been so for a while, and how far it went at least. */
class Lasting {
  readonly #lastsMs: number;
  readonly #nearer: (a: number, b: number) => number;
  #since: { readonly atMs: number; nearest: number } | undefined;

  constructor(lastsMs: number, nearer: (a: number, b: number) => number) {
    this.#lastsMs = lastsMs;
    this.#nearer = nearer;
  }

  /** @returns the figure nearest to the one before, once it has lasted */
  take(bps: number, nowMs: number): number | undefined {
    this.#since ??= { atMs: nowMs, nearest: bps };
    this.#since.nearest = this.#nearer(this.#since.nearest, bps);
    return nowMs - this.#since.atMs >= this.#lastsMs ? this.#since.nearest : undefined;
  }

  end(): void {
    this.#since = undefined;
  }
}

export class Calm {
  #published: number | undefined;
  readonly #risen = new Lasting(RISE_LASTS_MS, Math.min);
  readonly #fallen = new Lasting(FALL_LASTS_MS, Math.max);

  get bps(): number | undefined {
    return this.#published;
  }

  /** @param isFound the search has ended: a first figure need not prove that it lasts */
  take(bps: number, nowMs: number, isFound = false): void {
    const told = this.#published;
    if (told === undefined || isFound || bps < (1 - DEEP_FALL) * told) {
      this.#set(bps);
      return;
    }
    if (bps < (1 + RISE) * told) this.#risen.end();
    if (bps >= (1 - FALL) * told) this.#fallen.end();
    const lasting =
      bps >= (1 + RISE) * told
        ? this.#risen.take(bps, nowMs)
        : bps < (1 - FALL) * told
          ? this.#fallen.take(bps, nowMs)
          : undefined;
    if (lasting !== undefined) this.#set(lasting);
  }

  #set(bps: number): void {
    this.#published = bps;
    this.#risen.end();
    this.#fallen.end();
  }
}
