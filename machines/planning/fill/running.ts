/** What runs now, as far as it still makes sense in the room: the plan keeps of it what it can. */
import { ALL_SLICES, SLICE_COUNT, sliceBit } from '../../slices.ts';
import type { PlanRoute } from '../contract.ts';
import { type Room, receives } from '../room.ts';
import type { Fan } from '../share.ts';

/** Instead of a relay's index: a copy from the owner itself. */
export const DIRECT = -1;

/** How one stream runs now, in numbers. */
export interface RunningStream {
  /** By slice: copies that the owner sends to receivers, those to relays included. */
  readonly direct: readonly number[];
  readonly fans: readonly Fan[];
  /** Who gets what direct. */
  readonly directTo: readonly Neighbours[];
  /** How many receivers get every slice. */
  readonly complete: number;
}

/** Peers whose indices are `from` and more, but less than `to`, and the slices that all of them get. */
interface Neighbours {
  readonly slices: number;
  readonly from: number;
  readonly to: number;
}

/** Who gets which slices on which path: per path (a relay's index or DIRECT) a slice mask by receiver. */
export type Paths = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** What runs now by stream, read only when it is asked for: in a large room reading all of it is most of the work. */
export class Running {
  readonly #room: Room;
  readonly #routes: ReadonlyMap<number, readonly PlanRoute[]>;
  /** By peer index: the slices that it has, of the stream that is being read. */
  readonly #covered: Uint16Array;
  readonly #counted = new Map<number, RunningStream>();
  readonly #paths = new Map<number, Paths>();

  constructor(room: Room, inForce: readonly PlanRoute[]) {
    this.#room = room;
    this.#routes = routesByStream(room, inForce);
    this.#covered = new Uint16Array(room.peers.length);
  }

  get none(): boolean {
    return this.#routes.size === 0;
  }

  /** How many are on which path of a stream: far cheaper than who. */
  of(stream: number): RunningStream | undefined {
    const routes = this.#routes.get(stream);
    if (routes === undefined) return undefined;
    const known = this.#counted.get(stream);
    if (known !== undefined) return known;
    const counted = countedOf(this.#room, stream, routes, this.#covered.fill(0));
    this.#counted.set(stream, counted);
    return counted;
  }

  /** Who is on which path of a stream. */
  pathsOf(stream: number): Paths {
    const known = this.#paths.get(stream);
    if (known !== undefined) return known;
    const paths = pathsInForce(this.#room, stream, this.#routes.get(stream) ?? [], this.#covered.fill(0));
    this.#paths.set(stream, paths);
    return paths;
  }
}

/** The slices that a peer gets direct. */
export function slicesDirect({ directTo }: RunningStream, peer: number): number {
  return directTo.reduce((all, { slices, from, to }) => (from <= peer && peer < to ? all | slices : all), 0);
}

/** Routes by the index of their stream; those of peers and streams that have gone are left out. */
function routesByStream({ indexOf, peers, streams }: Room, inForce: readonly PlanRoute[]): Map<number, PlanRoute[]> {
  const grouped = new Map<number, PlanRoute[]>();
  for (const route of inForce) {
    const owner = indexOf.get(route.source) ?? -1;
    const stream = peers[owner]?.streams.find((index) => streams[index]?.name === route.stream);
    if (stream === undefined) continue;
    const routes = grouped.get(stream);
    if (routes === undefined) grouped.set(stream, [route]);
    else routes.push(route);
  }
  return grouped;
}

type Routes = readonly PlanRoute[];

function pathsInForce(room: Room, stream: number, routes: Routes, covered: Uint16Array): Paths {
  const paths = new Map<number, Map<number, number>>();
  visitPaths(room, stream, routes, covered, (path, slices, from, to) => {
    const masks = paths.get(path) ?? new Map<number, number>();
    paths.set(path, masks);
    for (let receiver = from; receiver < to; receiver += 1) masks.set(receiver, (masks.get(receiver) ?? 0) | slices);
  });
  return paths;
}

function countedOf(room: Room, stream: number, routes: Routes, covered: Uint16Array): RunningStream {
  const direct = new Array<number>(SLICE_COUNT).fill(0);
  const directTo: Neighbours[] = [];
  const legsByRelay = new Map<number, number[]>();
  const complete = visitPaths(room, stream, routes, covered, (path, slices, from, to) => {
    const legs = path === DIRECT ? direct : (legsByRelay.get(path) ?? new Array<number>(SLICE_COUNT).fill(0));
    if (path === DIRECT) directTo.push({ slices, from, to });
    else legsByRelay.set(path, legs);
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if (slices & sliceBit(slice)) legs[slice] = (legs[slice] ?? 0) + to - from;
    }
  });
  const fans = [...legsByRelay].map(([relay, legs]): Fan => ({ relay, legs })).sort((a, b) => a.relay - b.relay);
  return { direct, fans, directTo, complete };
}

/** Called with the slices of a path that peers get whose indices are `from` and more, but less than `to`. */
type PathVisitor = (path: number, slices: number, from: number, to: number) => void;

/**
 * Each slice of each receiver on one path at most: the first route that names it counts.
 *
 * @param covered by peer index: nothing yet, then the slices that it has
 * @returns how many have every slice
 */
function visitPaths(room: Room, stream: number, routes: Routes, covered: Uint16Array, visit: PathVisitor): number {
  let complete = 0;
  // A relay has the slices that it forwards, whatever other routes say of it.
  for (const { slices, relay } of routes) {
    const path = relay === null ? undefined : relayIndex(room, stream, relay);
    if (path !== undefined && relay !== null) {
      complete += visitNew(room, stream, covered, DIRECT, slices & ALL_SLICES, [relay], visit);
    }
  }
  for (const { slices, relay, receivers } of routes) {
    const path = relay === null ? DIRECT : relayIndex(room, stream, relay);
    if (path !== undefined) {
      complete += visitNew(room, stream, covered, path, slices & ALL_SLICES, receivers, visit);
    }
  }
  return complete;
}

/**
 * Routes name receivers in the order of the ids: the next one is mostly who comes next in the room, and comparing costs far less
 * than looking up. Neighbours that get the same are visited at once.
 *
 * @returns how many have every slice now that did not before
 */
function visitNew(
  room: Room,
  stream: number,
  covered: Uint16Array,
  path: number,
  slices: number,
  receivers: readonly string[],
  visit: PathVisitor,
): number {
  const { ids, indexOf } = room;
  let completed = 0;
  let from = 0;
  let to = 0;
  let given = 0;
  for (const id of receivers) {
    const index = ids[to] === id ? to : indexOf.get(id);
    if (index === undefined) continue;
    const before = covered[index] ?? 0;
    const added = receives(room, index, stream) ? slices & ~before : 0;
    if (index !== to || added !== given) {
      if (given !== 0) visit(path, given, from, to);
      from = index;
      given = added;
    }
    to = index + 1;
    if (added === 0) continue;
    covered[index] = before | added;
    if ((before | added) === ALL_SLICES) completed += 1;
  }
  if (given !== 0) visit(path, given, from, to);
  return completed;
}

function relayIndex(room: Room, stream: number, id: string): number | undefined {
  const relay = room.indexOf.get(id);
  if (relay === undefined || relay === room.streams[stream]?.owner || room.peers[relay]?.compatible !== true)
    return undefined;
  return relay;
}
