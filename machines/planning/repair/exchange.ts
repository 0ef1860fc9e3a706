/**
 * Which legs two peers exchange so that one of them gets rid of just what it has too much: several of some streams for several of
 * others. A subset sum problem, searched through in a fixed order and not to its end.
 */

/** What a peer has left of its upload; below 0: what it has too much. bit/s. */
export interface Left {
  readonly usable: number;
  /** Of what it lends. */
  readonly lent: number;
  /** Sums of rates are no more exact than this. */
  readonly rounding: number;
}

/** The legs of one stream that may go from one peer to another. */
export interface Choice {
  readonly stream: number;
  /** bit/s of a leg */
  readonly unitBps: number;
  /** How many legs may go, 0 and the smallest numbers first; less than 0: they come back. */
  readonly counts: readonly number[];
  /** Whose own stream it is: what a peer sends of its own is not lent. */
  readonly owner: 'giver' | 'taker' | 'other';
}

/**
 * `relieve`: as little overload as can be, of both together. `gather`: the giver ends with as much upload as can be, and the taker
 * is filled up with nothing but legs that fit.
 */
export type Goal = 'relieve' | 'gather';

/** Counts how much of a search is left to do. */
export interface Effort {
  left: number;
}

/** Exchanges weighed before the best of them is taken. */
const MOST_WEIGHED = 20_000;
/** Streams that take part in one exchange. */
const MOST_SOURCES = 8;
/** Of each stream at least none, one leg more and one less. */
const LEAST_COUNTS = 3;

/** What is too much of it, bit/s. */
export function overloadOf({ usable, lent, rounding }: Left): number {
  return below(Math.min(usable, lent), rounding);
}

/** @returns how many legs of each stream go from giver to taker; `null` where no exchange is better than none */
export function bestExchange(
  giver: Left,
  taker: Left,
  choices: readonly Choice[],
  goal: Goal,
  effort: Effort,
): Map<number, number> | null {
  const search = new Search(giver, taker, choices, goal);
  effort.left -= search.run(Math.min(MOST_WEIGHED, effort.left));
  return search.best;
}

class Search {
  best: Map<number, number> | null = null;
  readonly #giver: Left;
  readonly #taker: Left;
  readonly #goal: Goal;
  readonly #lists: readonly Choice[];
  /** The counts of the last stream follow from those of all others: they are looked up in order, not tried. */
  readonly #last: Choice | undefined;
  readonly #lastCounts: readonly number[];
  readonly #chosen: number[] = [];
  #bestScore: number;
  #weighed = 0;
  #most = 0;

  constructor(giver: Left, taker: Left, choices: readonly Choice[], goal: Goal) {
    this.#giver = giver;
    this.#taker = taker;
    this.#goal = goal;
    const isOwn = ({ owner }: Choice): boolean => owner !== 'other';
    const widest = [...choices].sort(
      (a, b) => Number(isOwn(b)) - Number(isOwn(a)) || b.counts.length - a.counts.length || a.stream - b.stream,
    );
    const lists = widest.slice(0, MOST_SOURCES);
    this.#last = lists.pop();
    this.#lastCounts = [...(this.#last?.counts ?? [])].sort((a, b) => a - b);
    const most = Math.max(LEAST_COUNTS, Math.floor(MOST_WEIGHED ** (1 / Math.max(1, lists.length))));
    this.#lists = lists.map((choice) => ({ ...choice, counts: choice.counts.slice(0, most) }));
    this.#bestScore = this.#score(0, 0, 0);
  }

  /** @returns how many exchanges it weighed */
  run(most: number): number {
    this.#most = most;
    this.#visit(0, 0, 0, 0);
    return this.#weighed;
  }

  /** @param bps that go from giver to taker: all, and what of it the giver and the taker forward for others */
  #visit(at: number, bps: number, given: number, taken: number): void {
    if (this.#weighed >= this.#most || (this.#goal === 'relieve' && this.#bestScore === 0)) return;
    const choice = this.#lists[at];
    if (choice === undefined) {
      this.#finish(bps, given, taken);
      return;
    }
    const { unitBps, owner } = choice;
    for (const count of choice.counts) {
      this.#chosen[at] = count;
      const more = count * unitBps;
      this.#visit(
        at + 1,
        bps + more,
        owner === 'giver' ? given : given + more,
        owner === 'taker' ? taken : taken + more,
      );
    }
  }

  /** With the two counts of the last stream that come nearest to the goal from below and from above. */
  #finish(bps: number, given: number, taken: number): void {
    this.#weighed += 1;
    const { unitBps = 1, owner, stream = 0 } = this.#last ?? {};
    const wanted =
      this.#goal === 'relieve'
        ? Math.max(-this.#giver.usable - bps, -this.#giver.lent - given)
        : Math.min(this.#taker.usable - bps, this.#taker.lent - taken);
    const above = firstAbove(this.#lastCounts, wanted / unitBps);
    for (const position of [above - 1, above]) {
      const count = this.#lastCounts[position];
      if (count === undefined) continue;
      const more = count * unitBps;
      const score = this.#score(
        bps + more,
        owner === 'giver' ? given : given + more,
        owner === 'taker' ? taken : taken + more,
      );
      if (score >= this.#bestScore) continue;
      this.#bestScore = score;
      this.best = new Map(this.#lists.map((choice, at) => [choice.stream, this.#chosen[at] ?? 0]));
      this.best.set(stream, count);
    }
  }

  /** The less the better. */
  #score(bps: number, given: number, taken: number): number {
    const { usable, lent, rounding } = this.#taker;
    const toTake = Math.min(usable - bps, lent - taken);
    const overload =
      below(toTake, rounding) +
      below(Math.min(this.#giver.usable + bps, this.#giver.lent + given), this.#giver.rounding);
    if (this.#goal === 'relieve') return overload;
    // Rounding must not look like progress, or peers would exchange the same legs for ever.
    return overload > 0 ? Number.POSITIVE_INFINITY : Math.floor(toTake / (rounding || 1));
  }
}

/** How far something is below 0, but for rounding. */
function below(bps: number, rounding: number): number {
  return bps < -rounding ? -bps : 0;
}

/** The position of the first number that is not less than a value; as many as there are where all are. */
function firstAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
