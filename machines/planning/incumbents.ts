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
  visitPaths(room, source, routes, (path, receiver, slices) => {
    const receivers = paths.get(path) ?? new Map<number, number>();
    paths.set(path, receivers);
    receivers.set(receiver, (receivers.get(receiver) ?? 0) | slices);
  });
  return paths;
}

/** How many are on which path now: in a large room far cheaper than who. */
export function incumbentOf(room: Room, source: number, routes: readonly PlanRoute[]): Incumbent {
  const masks = new Map<number, Map<number, number>>();
  const covered = visitPaths(room, source, routes, (path, _, slices) => {
    const counts = masks.get(path) ?? new Map<number, number>();
    masks.set(path, counts);
    counts.set(slices, (counts.get(slices) ?? 0) + 1);
  });
  const fans = [...masks].flatMap(([path, counts]) =>
    path === DIRECT ? [] : [{ relay: path, legs: countBySlice(counts) }],
  );
  fans.sort((a, b) => a.relay - b.relay);
  let complete = 0;
  for (const slices of covered) if (slices === ALL_SLICES) complete += 1;
  return { direct: countBySlice(masks.get(DIRECT) ?? new Map()), fans, complete };
}

/**
 * Each slice of each receiver on one path at most: the first route that names it counts.
 *
 * @returns the slices that each peer has, by peer index
 */
function visitPaths(
  room: Room,
  source: number,
  routes: readonly PlanRoute[],
  visit: (path: number, receiver: number, slices: number) => void,
): Uint16Array {
  const covered = new Uint16Array(room.peers.length);
  const cover = (path: number, receiver: number, slices: number): void => {
    const fresh = slices & ~(covered[receiver] ?? 0);
    if (fresh === 0 || !wantsSource(room, receiver, source)) return;
    covered[receiver] = (covered[receiver] ?? 0) | fresh;
    visit(path, receiver, fresh);
  };
  const usable = routes.flatMap((route) => {
    const path = route.relay === null ? DIRECT : relayIndex(room, source, route.relay);
    return path === undefined ? [] : [{ path, slices: route.slices & ALL_SLICES, receivers: route.receivers }];
  });
  // A relay has the slices that it forwards, whatever other routes say of it.
  for (const { path, slices } of usable) if (path !== DIRECT) cover(DIRECT, path, slices);
  for (const { path, slices, receivers } of usable) {
    for (const id of receivers) {
      const receiver = room.indexOf.get(id);
      if (receiver !== undefined) cover(path, receiver, slices);
    }
  }
  return covered;
}

function relayIndex(room: Room, source: number, id: string): number | undefined {
  const relay = room.indexOf.get(id);
  if (relay === undefined || relay === source || room.peers[relay]?.compatible !== true) return undefined;
  return relay;
}

function countBySlice(byMask: ReadonlyMap<number, number>): number[] {
  const counts = new Array<number>(SLICE_COUNT).fill(0);
  for (const [mask, count] of byMask) {
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if (mask & (1 << slice)) counts[slice] = (counts[slice] ?? 0) + count;
    }
  }
  return counts;
}
