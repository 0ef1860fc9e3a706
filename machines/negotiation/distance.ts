/** What distance adds to the protocol's delays: each is enough for members of one country, and members may be oceans away. Pure. */
import type { PeerId } from '../messages.ts';
import type { Context } from './state.ts';

/** A word takes about one over the bus, and what is sent for it half of one, be it on a way of two hops. */
const ROUNDS = 1.5;
/** A satellite's, in ms. Whoever answers checks later than that does not have the others wait for it. */
const MOST_ROUND_TRIP_MS = 600;

/** Until a word has reached these members and what they sent before has come, at most, in ms; 0 where there is no way to any. */
export function awayMs({ reached }: Pick<Context, 'reached'>, peers: Iterable<PeerId>): number {
  let longestMs = 0;
  for (const peer of peers) longestMs = Math.max(longestMs, reached.get(peer) ?? 0);
  return Math.ceil(ROUNDS * Math.min(longestMs, MOST_ROUND_TRIP_MS));
}
