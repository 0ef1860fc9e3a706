/**
 * What of the video leaves when an upload has fallen below what is promised and planned: the relay's own plan and its clients need a
 * moment to follow, and until then each packet too many would wait, and make audio wait. Pure.
 */
import type { StreamInfo } from '../messages.ts';
import type { RelayedRoute } from '../ports.ts';
import { pathsOf, type StreamPaths, type StreamRates } from './own-streams.ts';
import { sendingBps } from './paths.ts';

/** Sums of sixteenths of rates differ in the last bits by their order. */
const ROUNDING = 1e-9;

export interface Load {
  readonly streams: readonly StreamInfo[];
  /** Of the own streams. */
  readonly sending: StreamPaths;
  readonly rates: StreamRates;
  readonly relayed: readonly RelayedRoute[];
}

/** The share of all video that the upload carries, own and relayed alike, once audio has all that it needs; 1: all of it. */
export function videoShare({ streams, sending, rates, relayed }: Load, uploadBps: number): number {
  const ofMedia = (kind: StreamInfo['media']) =>
    streams.reduce(
      (sum, { name, media }) => sum + (media === kind ? sendingBps(pathsOf(sending, name), rates.get(name) ?? 0) : 0),
      0,
    ) + relayed.reduce((sum, { media, promisedBps }) => sum + (media === kind ? promisedBps : 0), 0);
  const videoBps = ofMedia('video');
  const leftBps = Math.max(0, uploadBps - ofMedia('audio'));
  return videoBps <= leftBps * (1 + ROUNDING) ? 1 : leftBps / videoBps;
}

/** The routes at this share of their video. */
export function thinned(routes: readonly RelayedRoute[], share: number): readonly RelayedRoute[] {
  if (share === 1) return routes;
  return routes.map((route) =>
    route.media === 'audio' ? route : { ...route, limitBps: share * route.promisedBps, isThinned: true as const },
  );
}

/** The rates at this share of video, but not below what a source can do. */
export function thinnedRates(streams: readonly StreamInfo[], rates: StreamRates, share: number): StreamRates {
  if (share === 1) return rates;
  const least = new Map(streams.flatMap(({ name, media, minBps }) => (media === 'video' ? [[name, minBps]] : [])));
  return new Map(
    [...rates].map(([name, rate]) => [name, Math.min(rate, Math.max(least.get(name) ?? rate, rate * share))]),
  );
}
