/** The ways and rates of all of one's own streams, by their names; of one stream they are in `paths.ts`. Pure. */
import type { PeerId, RouteInfo, StreamName } from '../messages.ts';
import {
  NO_PATHS,
  type Paths,
  pathsOfRoutes,
  relaysIn,
  routesOfPaths,
  samePaths,
  sendingBps,
  unionPaths,
} from './paths.ts';

export type StreamPaths = ReadonlyMap<StreamName, Paths>;
/** bit/s. */
export type StreamRates = ReadonlyMap<StreamName, number>;

export const NO_STREAMS: StreamPaths = new Map();

export function pathsOf(streams: StreamPaths, stream: StreamName): Paths {
  return streams.get(stream) ?? NO_PATHS;
}

export function streamsOfRoutes(routes: readonly RouteInfo[]): Map<StreamName, Paths> {
  const byStream = new Map<StreamName, RouteInfo[]>();
  for (const route of routes) byStream.set(route.stream, [...(byStream.get(route.stream) ?? []), route]);
  return mapStreams(byStream, pathsOfRoutes);
}

export function routesOfStreams(streams: StreamPaths): RouteInfo[] {
  return [...streams.keys()]
    .sort()
    .flatMap((stream) => routesOfPaths(pathsOf(streams, stream)).map((route) => ({ stream, ...route })));
}

export function relaysOf(streams: StreamPaths): Set<PeerId> {
  return new Set([...streams.values()].flatMap((paths) => [...relaysIn(paths)]));
}

/** What sending all of them costs, bit/s. */
export function sendingBpsOf(streams: StreamPaths, rates: StreamRates): number {
  let sum = 0;
  for (const [stream, paths] of streams) sum += sendingBps(paths, rates.get(stream) ?? 0);
  return sum;
}

/** Both at once. */
export function unionStreams(a: StreamPaths, b: StreamPaths): StreamPaths {
  if (a.size === 0) return b;
  const union = new Map(a);
  for (const [stream, paths] of b) union.set(stream, unionPaths(pathsOf(a, stream), paths));
  return union;
}

/** A stream without paths and one that is not there are the same. */
export function sameStreams(a: StreamPaths, b: StreamPaths): boolean {
  return [...new Set([...a.keys(), ...b.keys()])].every((stream) => samePaths(pathsOf(a, stream), pathsOf(b, stream)));
}

export function sameRates(a: StreamRates, b: StreamRates): boolean {
  return a.size === b.size && [...a].every(([stream, rate]) => b.get(stream) === rate);
}

export function mapStreams<A, B>(
  streams: ReadonlyMap<StreamName, A>,
  change: (value: A, stream: StreamName) => B,
): Map<StreamName, B> {
  return new Map([...streams].map(([stream, value]) => [stream, change(value, stream)]));
}
