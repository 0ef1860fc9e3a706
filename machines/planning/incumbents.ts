/** What runs now, as far as it still makes sense in the room: the plan keeps of it what it can. */
import { ALL_SLICES, SLICE_COUNT } from '../slices.ts';
import type { PlanRoute } from './contract.ts';
import type { Fan } from './packing.ts';
import { type Room, wantsSource } from './room.ts';

/** Instead of a relay's index: a copy from the source itself. */
export const DIRECT = -1;

/** How one source runs now, in numbers. */
export interface Incumbent {
  /** By slice: copies that the source sends to receivers, those to relays included. */
  readonly direct: readonly number[];
  readonly fans: readonly Fan[];
  /** How many receivers get every slice. */
  readonly complete: number;
}

/** Who gets which slices on which path: per path (a relay's index or DIRECT) a slice mask by receiver. */
export type Paths = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** What runs now by source, read only when it is asked for: in a large room reading all of it is most of the work. */
export class Incumbents {
  readonly #room: Room;
  readonly #routes: ReadonlyMap<number, readonly PlanRoute[]>;
  readonly #counted = new Map<number, Incumbent>();
  readonly #paths = new Map<number, Paths>();

  constructor(room: Room, inForce: readonly PlanRoute[]) {
    this.#room = room;
    this.#routes = routesBySource(room, inForce);
  }

  get none(): boolean {
    return this.#routes.size === 0;
  }

  /** How many are on which path of a source: far cheaper than who. */
  of(source: number): Incumbent | undefined {
    const routes = this.#routes.get(source);
    if (routes === undefined) return undefined;
    const incumbent = this.#counted.get(source) ?? incumbentOf(this.#room, source, routes);
    this.#counted.set(source, incumbent);
    return incumbent;
  }

  /** Who is on which path of a source. */
  pathsOf(source: number): Paths {
    const paths = this.#paths.get(source) ?? pathsInForce(this.#room, source, this.#routes.get(source) ?? []);
    this.#paths.set(source, paths);
    return paths;
  }
}

/** Routes by the index of their source; those of peers that have gone are left out. */
function routesBySource(room: Room, inForce: readonly PlanRoute[]): Map<number, PlanRoute[]> {
  const grouped = new Map<number, PlanRoute[]>();
  for (const route of inForce) {
    const source = room.indexOf.get(route.source);
    if (source === undefined || room.peers[source]?.source === null) continue;
    const routes = grouped.get(source);
    if (routes === undefined) grouped.set(source, [route]);
    else routes.push(route);
  }
  return grouped;
}

function pathsInForce(room: Room, source: number, routes: readonly PlanRoute[]): Paths {
  const paths = new Map<number, Map<number, number>>();
  visitPaths(room, source, routes, (path, receiver, slices) => {
    const masks = paths.get(path) ?? new Map<number, number>();
    paths.set(path, masks);
    masks.set(receiver, (masks.get(receiver) ?? 0) | slices);
  });
  return paths;
}

function incumbentOf(room: Room, source: number, routes: readonly PlanRoute[]): Incumbent {
  const direct = new Array<number>(SLICE_COUNT).fill(0);
  const legsByRelay = new Map<number, number[]>();
  const add = (path: number, slices: number, count: number): void => {
    const legs = path === DIRECT ? direct : (legsByRelay.get(path) ?? new Array<number>(SLICE_COUNT).fill(0));
    if (path !== DIRECT) legsByRelay.set(path, legs);
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if (slices & (1 << slice)) legs[slice] = (legs[slice] ?? 0) + count;
    }
  };
  // As a rule long runs of receivers get the same: they are counted before they are added.
  let run = { path: DIRECT, slices: 0 };
  let length = 0;
  const complete = visitPaths(room, source, routes, (path, _, slices) => {
    if (path !== run.path || slices !== run.slices) {
      if (length > 0) add(run.path, run.slices, length);
      run = { path, slices };
      length = 0;
    }
    length += 1;
  });
  if (length > 0) add(run.path, run.slices, length);
  const fans = [...legsByRelay].map(([relay, legs]): Fan => ({ relay, legs })).sort((a, b) => a.relay - b.relay);
  return { direct, fans, complete };
}

type PathVisitor = (path: number, receiver: number, slices: number) => void;

/**
 * Each slice of each receiver on one path at most: the first route that names it counts.
 *
 * @returns how many have every slice
 */
function visitPaths(room: Room, source: number, routes: readonly PlanRoute[], visit: PathVisitor): number {
  const covered = new Uint16Array(room.peers.length);
  const usable = routes.flatMap(({ slices, relay, receivers }) => {
    const path = relay === null ? DIRECT : relayIndex(room, source, relay);
    return path === undefined ? [] : [{ path, slices: slices & ALL_SLICES, receivers }];
  });
  // A relay has the slices that it forwards, whatever other routes say of it.
  const copies = usable.flatMap(({ path, slices }) =>
    path === DIRECT ? [] : [{ path: DIRECT, slices, receivers: [room.ids[path] ?? ''] }],
  );
  let complete = 0;
  for (const hop of [...copies, ...usable]) complete += visitNew(room, source, covered, hop, visit);
  return complete;
}

/**
 * Routes name receivers in the order of the ids: the next one is mostly who comes next in the room, and comparing costs far less
 * than looking up.
 *
 * @returns how many have every slice now that did not before
 */
function visitNew(
  room: Room,
  source: number,
  covered: Uint16Array,
  { path, slices, receivers }: { path: number; slices: number; receivers: readonly string[] },
  visit: PathVisitor,
): number {
  const { ids, indexOf } = room;
  let completed = 0;
  let next = 0;
  for (const id of receivers) {
    const index = ids[next] === id ? next : indexOf.get(id);
    if (index === undefined) continue;
    next = index + 1;
    const before = covered[index] ?? 0;
    const added = slices & ~before;
    if (added === 0 || !wantsSource(room, index, source)) continue;
    covered[index] = before | added;
    if ((before | added) === ALL_SLICES) completed += 1;
    visit(path, index, added);
  }
  return completed;
}

function relayIndex(room: Room, source: number, id: string): number | undefined {
  const relay = room.indexOf.get(id);
  if (relay === undefined || relay === source || room.peers[relay]?.compatible !== true) return undefined;
  return relay;
}
