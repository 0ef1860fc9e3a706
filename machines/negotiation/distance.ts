/** What distance adds to the protocol's delays: each is enough for members of one country, and members may be oceans away. Pure. */
import type { PeerId } from '../messages.ts';
import type { Context } from './state.ts';

/** A word takes about one over the bus, and what is sent for it half of one, be it on a way of two hops. */
const ROUNDS = 1.5;

/** Until a word has reached a member and what it sent before has come, at most, in ms; 0 where there is no way to it. */
export function awayMs({ reached }: Pick<Context, 'reached'>, peer: PeerId): number {
  return Math.ceil(ROUNDS * (reached.get(peer) ?? 0));
}

/** The same of the furthest member. */
export function furthestAwayMs({ reached }: Pick<Context, 'reached'>): number {
  return Math.ceil(ROUNDS * Math.max(0, ...reached.values()));
}
