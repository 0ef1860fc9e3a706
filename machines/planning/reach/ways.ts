/** The ways of a room: around what runs, if that costs no more than a part of the rates, or from scratch. */
import { SLICE_COUNT } from '../../slices.ts';
import type { Bound } from '../bound.ts';
import type { Running } from '../fill/running.ts';
import { WORTH_KEEPING } from '../keep.ts';
import { type Room, wantingPeers } from '../room.ts';
import { Ways } from './cheapest.ts';
import { Effort } from './effort.ts';
import type { Graph } from './graph.ts';
import { ratesOn } from './rates.ts';
import { type Found, risen } from './rise.ts';
import { relieve, routeWhole } from './route.ts';
import { runningSenders } from './running-trees.ts';
import { alike, type Course, NOBODY, type Tree, treeOf } from './tree.ts';
import { Uplinks } from './uplinks.ts';

/**
 * Of what a search from scratch finds, what runs has to carry to stay. More than elsewhere: from one to the next, with uploads a little
 * different, a search finds a hundredth more or less by chance, and a room would follow that for ever.
 */
const KEPT = 0.97;

/** The ways of a room whose bound is feasible. `null`: not even the least rates find their places. */
export function waysAround(room: Room, graph: Graph, bound: Bound, running: Running): Found | null {
  const fresh = (): Found | null => freshWays(room, graph, bound, bound.rates);
  if (running.none) return fresh() ?? atLeast(room, graph, bound);
  const mended = new Mended(room, graph, bound.rates, running);
  const now = mended.found(bound);
  if (now !== null && levelOf(room, bound, now) >= WORTH_KEEPING) return now;
  const best = fresh();
  const isWorth = (found: Found | null): found is Found =>
    found !== null && (best === null || levelOf(room, bound, found) >= KEPT * levelOf(room, bound, best));
  if (isWorth(now)) return now;
  const relieved = mended.relieved(bound);
  return isWorth(relieved) ? relieved : (best ?? atLeast(room, graph, bound));
}

/** Ways at the least rates, whether they fit or not. */
export function waysAtLeast(room: Room, graph: Graph, running: Running): Found {
  const rates = leastRates(room);
  const mended = new Mended(room, graph, rates, running);
  mended.relieve();
  return { courses: mended.courses, rates };
}

function atLeast(room: Room, graph: Graph, bound: Bound): Found | null {
  return freshWays(room, graph, bound, leastRates(room));
}

function leastRates({ streams }: Room): number[] {
  return streams.map(({ minBps, audience, layers }) => (audience === 0 && layers.length > 1 ? 0 : minBps));
}

/** The lowest rate of the videos that the bound does not hold, as a part of what it gives them. */
function levelOf(room: Room, bound: Bound, { rates }: Found): number {
  return rates.reduce((least, rate, stream) => {
    const most = bound.rates[stream] ?? 0;
    const { audience = 0, audio = true } = room.streams[stream] ?? {};
    return audience === 0 || audio || most === 0 ? least : Math.min(least, rate / most);
  }, 1);
}

/** @param rates at which ways are looked for first */
function freshWays(room: Room, graph: Graph, bound: Bound, rates: readonly number[]): Found | null {
  const uplinks = new Uplinks(room);
  const ways = new Ways(room, graph, uplinks);
  const courses = coursesOf(room, graph, rates);
  routeWhole(room, courses, ways, uplinks);
  const effort = new Effort(room.peers.length);
  relieve(room, courses, ways, uplinks, effort);
  const reached = ratesOn(room, bound, courses);
  return reached && risen(room, graph, bound, { courses, rates: reached }, effort);
}

/** What runs now with what is missing. */
class Mended {
  readonly courses: readonly Course[];
  readonly #room: Room;
  readonly #uplinks: Uplinks;
  readonly #ways: Ways;

  constructor(room: Room, graph: Graph, rates: readonly number[], running: Running) {
    this.#room = room;
    this.#uplinks = new Uplinks(room);
    this.#ways = new Ways(room, graph, this.#uplinks);
    this.courses = coursesOf(room, graph, rates);
    const kept = this.courses.map((course) => runningSenders(room, graph, course, running.pathsOf(course.stream)));
    for (const [at, course] of this.courses.entries()) this.#start(course, kept[at] ?? []);
    for (const course of this.courses) this.#mend(course);
    if (graph.hasTolls) for (const course of this.courses) this.#saveTolls(course);
  }

  found(bound: Bound): Found | null {
    const rates = ratesOn(this.#room, bound, this.courses);
    // The trees may change afterwards.
    return rates && { courses: this.courses.map((course) => ({ ...course, trees: [...course.trees] })), rates };
  }

  relieve(): void {
    relieve(this.#room, this.courses, this.#ways, this.#uplinks, new Effort(this.#room.peers.length));
  }

  relieved(bound: Bound): Found | null {
    this.relieve();
    return this.found(bound);
  }

  #start(course: Course, senders: readonly Int16Array[]): void {
    const known = new Map<Int16Array, Course['trees'][number]>();
    for (const [slice, own] of senders.entries()) {
      const tree = known.get(own) ?? treeOf(course.owner, own);
      known.set(own, tree);
      course.trees[slice] = tree;
      this.#uplinks.carry(tree, course.rate / SLICE_COUNT);
    }
  }

  #mend(course: Course): void {
    for (const [tree, slices] of alike(course.trees)) {
      if (course.receivers.every((receiver) => tree.senders[receiver] !== NOBODY)) continue;
      const bps = (course.rate * slices.length) / SLICE_COUNT;
      const mended = this.#ways.cheapest(course, bps, Int16Array.from(tree.senders));
      this.#replace(course, tree, mended, slices);
    }
  }

  /** What runs over a TURN server gives way as soon as there is a way with fewer such copies. */
  #saveTolls(course: Course): void {
    for (const [tree, slices] of alike(course.trees)) {
      const tolls = this.#ways.tolls(tree);
      if (tolls === 0) continue;
      const found = this.#ways.cheapest(course, (course.rate * slices.length) / SLICE_COUNT);
      if (this.#ways.tolls(found) < tolls) this.#replace(course, tree, found, slices);
    }
  }

  #replace(course: Course, tree: Tree, other: Tree, slices: readonly number[]): void {
    const bps = (course.rate * slices.length) / SLICE_COUNT;
    this.#uplinks.carry(tree, -bps);
    this.#uplinks.carry(other, bps);
    for (const slice of slices) course.trees[slice] = other;
  }
}

/** Audio first, then who has most legs to peers whom its owner does not reach, or for a toll: these have least choice. */
function coursesOf(room: Room, graph: Graph, rates: readonly number[]): Course[] {
  const courses = room.streams.flatMap(({ owner, audio, audience }, stream) => {
    if (audience === 0) return [];
    const receivers = wantingPeers(room, stream).slice(0, audience);
    const forced = receivers.filter((receiver) => !graph.isFree(owner, receiver)).length;
    return [{ stream, owner, audio, receivers, rate: rates[stream] ?? 0, trees: new Array(SLICE_COUNT), forced }];
  });
  return courses.sort(
    (a, b) => Number(b.audio) - Number(a.audio) || b.forced * b.rate - a.forced * a.rate || a.stream - b.stream,
  );
}
