/** Up to when what has left is known whole: before that nothing can be judged. */
import type { Leg } from './leg.ts';

/** One leg may hold up what is known of all by so much; then it is as if it were not there. */
const MOST_HELD_UP_MS = 100;
/** It may be further away than the nearest by so much: another continent. */
const MOST_FURTHER_MS = 200;

/** All that left before it has been told of, except by a leg that holds the others up for too long. */
export function horizonOf(all: readonly Leg[], nowMs: number): number {
  const legs = all.filter(({ newestToldMs }) => newestToldMs !== undefined);
  const nearestMs = Math.min(...legs.map(({ roundTripMs }) => roundTripMs));
  const horizons = legs.map((leg) => {
    const { newestToldMs = 0, roundTripMs } = leg;
    if (leg.isTold(nowMs)) return nowMs;
    const awayMs = Math.min(roundTripMs, nearestMs + MOST_FURTHER_MS);
    return Math.max(newestToldMs, nowMs - awayMs - MOST_HELD_UP_MS);
  });
  const newest = Math.max(...legs.map(({ newestToldMs = 0 }) => newestToldMs));
  return legs.every((leg) => leg.isTold(nowMs)) ? nowMs : Math.min(newest, ...horizons);
}
