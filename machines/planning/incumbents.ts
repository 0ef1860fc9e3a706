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

/** Routes by the index of their source; those of peers that have gone are left out. */
export function routesBySource(room: Room, inForce: readonly PlanRoute[]): Map<number, PlanRoute[]> {
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

/** Who is on which path now. */
export function pathsInForce(room: Room, source: number, routes: readonly PlanRoute[]): Paths {
  const paths = new Map<number, Map<number, number>>();
  visitPaths(room, source, routes, (path, slices, receivers) => {
    const masks = paths.get(path) ?? new Map<number, number>();
    paths.set(path, masks);
    for (const receiver of receivers) masks.set(receiver, (masks.get(receiver) ?? 0) | slices);
  });
  return paths;
}

/** How many are on which path now: in a large room far cheaper than who. */
export function incumbentOf(room: Room, source: number, routes: readonly PlanRoute[]): Incumbent {
  const direct = new Array<number>(SLICE_COUNT).fill(0);
  const legsByRelay = new Map<number, number[]>();
  const covered = visitPaths(room, source, routes, (path, slices, receivers) => {
    const counts = path === DIRECT ? direct : (legsByRelay.get(path) ?? new Array<number>(SLICE_COUNT).fill(0));
    if (path !== DIRECT) legsByRelay.set(path, counts);
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if (slices & (1 << slice)) counts[slice] = (counts[slice] ?? 0) + receivers.length;
    }
  });
  const fans = [...legsByRelay].map(([relay, legs]): Fan => ({ relay, legs })).sort((a, b) => a.relay - b.relay);
  let complete = 0;
  for (const slices of covered) if (slices === ALL_SLICES) complete += 1;
  return { direct, fans, complete };
}

type PathVisitor = (path: number, slices: number, receivers: Int32Array) => void;

/**
 * Each slice of each receiver on one path at most: the first route that names it counts.
 *
 * @returns the slices that each peer has, by peer index
 */
function visitPaths(room: Room, source: number, routes: readonly PlanRoute[], visit: PathVisitor): Uint16Array {
  const covered = new Uint16Array(room.peers.length);
  const usable = routes.flatMap(({ slices, relay, receivers }) => {
    const path = relay === null ? DIRECT : relayIndex(room, source, relay);
    return path === undefined ? [] : [{ path, slices: slices & ALL_SLICES, receivers }];
  });
  // A relay has the slices that it forwards, whatever other routes say of it.
  for (const { path, slices } of usable) {
    if (path !== DIRECT && wantsSource(room, path, source))
      visitNew(covered, DIRECT, slices, Int32Array.of(path), visit);
  }
  for (const { path, slices, receivers } of usable) {
    visitNew(covered, path, slices, indicesOf(room, source, receivers), visit);
  }
  return covered;
}

/** Who has none of the slices yet, as a rule everybody, is visited at once. */
function visitNew(covered: Uint16Array, path: number, slices: number, receivers: Int32Array, visit: PathVisitor): void {
  let without = 0;
  for (const receiver of receivers) {
    const before = covered[receiver] ?? 0;
    const added = slices & ~before;
    covered[receiver] = before | added;
    if (added === slices) {
      receivers[without] = receiver;
      without += 1;
    } else if (added !== 0) visit(path, added, Int32Array.of(receiver));
  }
  if (without > 0) visit(path, slices, receivers.subarray(0, without));
}

/**
 * The peers of these ids that receive the source. Routes name receivers in the order of the ids: the next one is mostly who comes
 * next in the room, and comparing costs far less than looking up.
 */
function indicesOf(room: Room, source: number, receivers: readonly string[]): Int32Array {
  const { ids, indexOf } = room;
  const indices = new Int32Array(receivers.length);
  let known = 0;
  let next = 0;
  for (const id of receivers) {
    const index = ids[next] === id ? next : indexOf.get(id);
    if (index === undefined) continue;
    next = index + 1;
    if (!wantsSource(room, index, source)) continue;
    indices[known] = index;
    known += 1;
  }
  return indices.subarray(0, known);
}

function relayIndex(room: Room, source: number, id: string): number | undefined {
  const relay = room.indexOf.get(id);
  if (relay === undefined || relay === source || room.peers[relay]?.compatible !== true) return undefined;
  return relay;
}
