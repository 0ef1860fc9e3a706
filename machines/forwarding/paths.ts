/**
 * The ways of one own stream: for every receiver, which slices reach it directly and which through whom. Pure. What is
 * wanted comes from the plan, what is granted from agreements; {@link choosePaths} joins them with what runs now, so that
 * a receiver keeps its old way until the new one stands.
 */
import type { Leg, PeerId, RouteInfo, StreamName } from '../messages.ts';
import { ALL_SLICES, SLICE_COUNT, sliceBps, slicesOf } from '../slices.ts';

/** A relay's id, or null: no relay, directly. */
export type Via = PeerId | null;
/** Slice masks by way; disjoint, and never zero. */
export type Ways = ReadonlyMap<Via, number>;
/** Ways by receiver. */
export type Paths = ReadonlyMap<PeerId, Ways>;
/** What relays have promised: slice masks by relay and receiver. */
export type Granted = ReadonlyMap<PeerId, ReadonlyMap<PeerId, number>>;

export const NO_PATHS: Paths = new Map();

/** How part of one stream runs. */
type Route = Omit<RouteInfo, 'stream'>;

/** Routes of one stream as paths. A relay gets by its own copy what it forwards. */
export function pathsOfRoutes(routes: readonly Route[]): Paths {
  const paths = new Map<PeerId, Map<Via, number>>();
  const add = (receiver: PeerId, via: Via, slices: number) => {
    const ways = paths.get(receiver) ?? new Map<Via, number>();
    paths.set(receiver, ways.set(via, (ways.get(via) ?? 0) | slices));
  };
  for (const { relay, slices, receivers } of routes) {
    if (relay !== null) add(relay, null, slices);
    for (const receiver of receivers) add(receiver, relay, slices);
  }
  return paths;
}

/** Paths as routes: one a way and mask, in a stable order. The inverse of {@link pathsOfRoutes}. */
export function routesOfPaths(paths: Paths): Route[] {
  const routes = new Map<string, { relay: Via; slices: number; receivers: PeerId[] }>();
  for (const receiver of [...paths.keys()].sort()) {
    for (const [relay, slices] of paths.get(receiver) ?? []) {
      const key = `${relay ?? ''}/${slices}`;
      const route = routes.get(key) ?? { relay, slices, receivers: [] };
      route.receivers.push(receiver);
      routes.set(key, route);
    }
  }
  return [...routes.keys()].sort().flatMap((key) => routes.get(key) ?? []);
}

/** The legs that a relay carries in these paths, by receiver id. */
export function legsThrough(paths: Paths, relay: PeerId): Leg[] {
  const legs: Leg[] = [];
  for (const [receiver, ways] of paths) {
    const slices = ways.get(relay);
    if (slices !== undefined) legs.push({ receiver, slices });
  }
  return legs.sort((a, b) => (a.receiver < b.receiver ? -1 : 1));
}

export function relaysIn(paths: Paths): Set<PeerId> {
  const relays = new Set<PeerId>();
  for (const ways of paths.values()) for (const via of ways.keys()) if (via !== null) relays.add(via);
  return relays;
}

/** What is sent to whom: the slices of the first hops, direct receivers and relays alike. */
export function firstHops(paths: Paths): Map<PeerId, number> {
  const hops = new Map<PeerId, number>();
  for (const [receiver, ways] of paths) {
    for (const [via, slices] of ways) {
      const hop = via ?? receiver;
      hops.set(hop, (hops.get(hop) ?? 0) | slices);
    }
  }
  return hops;
}

/** What sending along these paths costs, in bit/s. */
export function sendingBps(paths: Paths, rateBps: number): number {
  let sum = 0;
  for (const slices of firstHops(paths).values()) sum += sliceBps(slices, rateBps);
  return sum;
}

export interface Choice {
  readonly wanted: Paths;
  readonly granted: Granted;
  /** The paths in force, kept for a receiver until its wanted ones stand. */
  readonly inForce: Paths;
  /** Peers that are there no more. */
  readonly gone: (peer: PeerId) => boolean;
  /** Peers that can be no relays now. */
  readonly silent: (peer: PeerId) => boolean;
  /** Receivers that want nothing through this relay. */
  readonly avoided?: (relay: PeerId, receiver: PeerId) => boolean;
  /** Receivers to whom no way has been found yet. Left out: none. */
  readonly awaited?: (receiver: PeerId) => boolean;
  /** Receivers that tie a stream to the address that it comes from first. Left out: none. */
  readonly tied?: (receiver: PeerId) => boolean;
}

/**
 * For every wanted receiver and slice: the wanted way if it stands (direct, or granted by the relay), else the way in
 * force if that still stands, else directly. Directly nothing stands while the way there is looked for. Who ties a stream to one
 * address gets all of it on one way, and waits for that: what came directly until then would be the address that it is tied to. What it
 * costs is not considered here; see {@link affordablePaths}.
 */
export function choosePaths(choice: Choice): Paths {
  const { wanted, granted, inForce, gone, silent } = choice;
  const { avoided = () => false, awaited = () => false, tied = () => false } = choice;
  const stands = (receiver: PeerId, via: Via, slices: number) => {
    if (via === null) return awaited(receiver) ? 0 : slices;
    return gone(via) || silent(via) || avoided(via, receiver) ? 0 : slices & (granted.get(via)?.get(receiver) ?? 0);
  };
  const chosen = new Map<PeerId, Ways>();
  for (const [receiver, ways] of wanted) {
    if (gone(receiver)) continue;
    const result = new Map<Via, number>();
    const all = ALL_SLICES & unionOf(ways);
    const isTied = tied(receiver);
    const current = inForce.get(receiver) ?? new Map<Via, number>();
    let missing = all;
    for (const candidates of isTied ? [ways, current] : [ways, current, DIRECTLY]) {
      for (const [via, slices] of candidates) {
        const taken = candidates === DIRECTLY ? missing : stands(receiver, via, slices & missing);
        if (taken === 0 || (isTied && taken !== all)) continue;
        result.set(via, (result.get(via) ?? 0) | taken);
        missing &= ~taken;
      }
    }
    if (result.size > 0) chosen.set(receiver, result);
  }
  return chosen;
}

const DIRECTLY: Ways = new Map([[null, ALL_SLICES]]);

/** A full-size video packet, in bit, and how long a home router's queue lets packets wait before it drops them, in ms. */
const PACKET_BITS = 8 * 1200;
const QUEUE_MS = 250;

/** Copies of one packet leave together: so many of them an uplink takes at once. */
export function mostCopies(uploadBps: number): number {
  return Math.max(1, Math.floor((uploadBps * QUEUE_MS) / 1000 / PACKET_BITS));
}

/** One stream, as it competes with the others for the upload. */
export interface Competing {
  readonly stream: StreamName;
  /** Audio has its way before any video. */
  readonly media: 'audio' | 'video';
  readonly paths: Paths;
  readonly wanted: Paths;
  readonly rateBps: number;
}

/** Packets of audio are small, and of some ten a second: all copies of one are no burst. */
const rankOfMedia = { audio: 0, video: 1 } as const;

/**
 * As many of the paths of all streams as an upload holds. Audio first. Of each stream first copies for relays (they serve several),
 * then wanted direct receivers, then those that stand in for a way not yet agreed; whole masks only, since part of a stream that
 * nobody completes is waste.
 *
 * @param copies what stands in adds no copy of a slice beyond these: a relay that lacks one slice would have it sent to everybody
 * @param audioBps so much of audio is sent whatever is left
 */
export function affordablePaths(
  streams: readonly Competing[],
  allowanceBps: number,
  copies = Number.POSITIVE_INFINITY,
  audioBps = 0,
): Map<StreamName, Paths> {
  const affordable = new Map(streams.map(({ stream }) => [stream, new Map<PeerId, Map<Via, number>>()]));
  const sent = new Map(streams.map(({ stream }) => [stream, new Sent()]));
  let spentBps = 0;
  const ways = streams.flatMap((of) =>
    [...of.paths].flatMap(([receiver, ways]) =>
      [...ways].map(([via, slices]) => ({ of, receiver, via, slices, rank: rankOf(of, receiver, via) })),
    ),
  );
  ways.sort((a, b) => rankOfMedia[a.of.media] - rankOfMedia[b.of.media] || a.rank - b.rank);
  for (const { of, receiver, via, slices, rank } of ways) {
    const hop = via ?? receiver;
    const already = sent.get(of.stream);
    const paths = affordable.get(of.stream);
    if (already === undefined || paths === undefined) continue;
    const added = already.lacking(hop, slices);
    const cost = sliceBps(added, of.rateBps);
    const limitBps = of.media === 'audio' ? Math.max(allowanceBps, audioBps) : allowanceBps;
    if (spentBps + cost > limitBps * (1 + ROUNDING)) continue;
    if (rank === STANDS_IN && of.media === 'video' && already.most(added) >= copies) continue;
    already.add(hop, added);
    spentBps += cost;
    paths.set(receiver, (paths.get(receiver) ?? new Map<Via, number>()).set(via, slices));
  }
  return affordable;
}

function rankOf({ wanted }: Competing, receiver: PeerId, via: Via): number {
  return via !== null ? 0 : wanted.get(receiver)?.has(null) ? 1 : STANDS_IN;
}

/** What is sent of one stream: slices by first hop, and how many copies of each slice. */
class Sent {
  readonly #hops = new Map<PeerId, number>();
  readonly #copies = new Array<number>(SLICE_COUNT).fill(0);

  lacking(hop: PeerId, slices: number): number {
    return slices & ~(this.#hops.get(hop) ?? 0);
  }

  /** Copies of the slice of these that is sent most often. */
  most(slices: number): number {
    return Math.max(0, ...slicesOf(slices).map((slice) => this.#copies[slice] ?? 0));
  }

  add(hop: PeerId, slices: number): void {
    this.#hops.set(hop, (this.#hops.get(hop) ?? 0) | slices);
    for (const slice of slicesOf(slices)) this.#copies[slice] = (this.#copies[slice] ?? 0) + 1;
  }
}

const ROUNDING = 1e-9;
/** The last rank. */
const STANDS_IN = 2;

/** Both at once: what is sent while one replaces the other. */
export function unionPaths(a: Paths, b: Paths): Paths {
  const union = new Map<PeerId, Map<Via, number>>();
  for (const paths of [a, b]) {
    for (const [receiver, ways] of paths) {
      const merged = union.get(receiver) ?? new Map<Via, number>();
      for (const [via, slices] of ways) merged.set(via, (merged.get(via) ?? 0) | slices);
      union.set(receiver, merged);
    }
  }
  return union;
}

/** The paths of all other slices. */
export function withoutSlices(paths: Paths, slices: number): Paths {
  if (slices === 0) return paths;
  const rest = new Map<PeerId, Ways>();
  for (const [receiver, ways] of paths) {
    const kept = new Map<Via, number>();
    for (const [via, mask] of ways) if ((mask & ~slices) !== 0) kept.set(via, mask & ~slices);
    if (kept.size > 0) rest.set(receiver, kept);
  }
  return rest;
}

export function samePaths(a: Paths, b: Paths): boolean {
  if (a.size !== b.size) return false;
  for (const [receiver, ways] of a) {
    const others = b.get(receiver);
    if (others === undefined || others.size !== ways.size) return false;
    for (const [via, slices] of ways) if (others.get(via) !== slices) return false;
  }
  return true;
}

/** The slices that come by any way. */
export function unionOf(ways: Ways): number {
  let union = 0;
  for (const slices of ways.values()) union |= slices;
  return union;
}
