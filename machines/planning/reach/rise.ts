/** Rates above those that ways have when they are found: at a higher level uplinks are too full, and slices look for other ways. */
import { SLICE_COUNT } from '../../slices.ts';
import type { Bound } from '../bound.ts';
import type { Room } from '../room.ts';
import { Ways } from './cheapest.ts';
import type { Effort } from './effort.ts';
import type { Graph } from './graph.ts';
import { ratesOn } from './rates.ts';
import { relieve } from './route.ts';
import type { Course } from './tree.ts';
import { Uplinks } from './uplinks.ts';

/** Ways of streams, and the rates that these carry. */
export interface Found {
  readonly courses: readonly Course[];
  /** By stream index, bit/s. */
  readonly rates: readonly number[];
}

/** How exact a level is, as a part of it. */
const PRECISION = 0.01;
/** Levels tried in one stage. The first is far above what is known to work, each later one half as far, as a factor. */
const TRIALS = 8;
/** When the lowest streams can't rise any more the others go on: after three times the next rise is worth less than its search. */
const STAGES = 3;
/** A rate of nothing is tried at this part of the highest first. */
const FROM_NOTHING = 1 / 64;

/** The same streams at rates that are nowhere lower, as high as some trials find. */
export function risen(room: Room, graph: Graph, bound: Bound, found: Found, effort: Effort): Found {
  return new Rise(room, graph, bound, found, effort).highest();
}

class Rise {
  readonly #room: Room;
  readonly #graph: Graph;
  readonly #bound: Bound;
  readonly #effort: Effort;
  /** Streams that rise no more. */
  readonly #stopped = new Set<number>();
  #best: Found;

  constructor(room: Room, graph: Graph, bound: Bound, found: Found, effort: Effort) {
    this.#room = room;
    this.#graph = graph;
    this.#bound = bound;
    this.#effort = effort;
    this.#best = found;
  }

  highest(): Found {
    for (let stage = 0; stage < STAGES; stage += 1) {
      const rising = this.#rising();
      if (rising.length === 0) break;
      this.#raise(rising);
      const lowest = lowestOf(rising, this.#best.rates);
      for (const stream of rising) {
        if (this.#rateOf(stream) <= lowest * (1 + PRECISION)) this.#stopped.add(stream);
      }
    }
    return this.#best;
  }

  #raise(rising: readonly number[]): void {
    let low = lowestOf(rising, this.#best.rates);
    let high = Math.max(...rising.map((stream) => this.#most(stream)));
    for (let trial = 0; trial < TRIALS && low < high * (1 - PRECISION); trial += 1) {
      const level = low > 0 ? Math.sqrt(low * high) : high * FROM_NOTHING;
      const found = this.#at(level);
      if (found !== null && this.#isBetter(found, rising, low)) {
        this.#best = found;
        low = lowestOf(rising, found.rates);
      }
      if (level > low) high = level;
      if (this.#effort.isSpent) return;
    }
  }

  /** Ways like the best ones, changed until all that still rise have this level, or nearly. */
  #at(level: number): Found | null {
    const uplinks = new Uplinks(this.#room);
    const ways = new Ways(this.#room, this.#graph, uplinks);
    const courses = this.#best.courses.map((course) => {
      return { ...course, rate: this.#goal(course.stream, level), trees: [...course.trees] };
    });
    for (const { trees, rate } of courses) for (const tree of trees) uplinks.carry(tree, rate / SLICE_COUNT);
    relieve(this.#room, courses, ways, uplinks, this.#effort);
    const rates = ratesOn(this.#room, this.#bound, courses);
    return rates && { courses, rates };
  }

  #goal(stream: number, level: number): number {
    const { audio = false, minBps = 0 } = this.#room.streams[stream] ?? {};
    if (audio) return this.#most(stream);
    if (this.#stopped.has(stream)) return this.#rateOf(stream);
    return Math.max(minBps, Math.min(this.#most(stream), level));
  }

  #isBetter({ rates }: Found, rising: readonly number[], low: number): boolean {
    const keeps = [...this.#stopped].every((stream) => (rates[stream] ?? 0) >= this.#rateOf(stream) * (1 - PRECISION));
    return keeps && lowestOf(rising, rates) > low;
  }

  #rising(): number[] {
    return this.#best.courses.flatMap(({ stream, audio }) => {
      const isDone = audio || this.#stopped.has(stream) || this.#rateOf(stream) >= this.#most(stream) * (1 - PRECISION);
      return isDone ? [] : [stream];
    });
  }

  #rateOf(stream: number): number {
    return this.#best.rates[stream] ?? 0;
  }

  #most(stream: number): number {
    return this.#bound.rates[stream] ?? 0;
  }
}

function lowestOf(streams: readonly number[], rates: readonly number[]): number {
  return Math.min(...streams.map((stream) => rates[stream] ?? 0));
}
