/** The numbers of a plan: who is served, at which rates, and each source's share of the relays; for the whole room. */
import { type Bound, boundOf } from './bound.ts';
import { type Incumbents, keepAll, keepMost } from './keeping.ts';
import { isSplit } from './packing.ts';
import { type Leveled, packFewestSplit, packHighest, packWith } from './rates.ts';
import type { Room } from './room.ts';
import { withAudiences, withinOwnLimits } from './shortage.ts';

export interface Decision extends Leveled {
  /** Of the room as it was asked for. */
  readonly bound: Bound;
  /** The room with the audiences that can be served. */
  readonly room: Room;
}

export function decide(asked: Room, incumbents: Incumbents): Decision {
  const bound = boundOf(asked);
  if (bound.feasible) {
    const level = decideLevel(asked, bound, incumbents);
    if (level !== null) return { ...level, bound, room: asked };
  } else {
    const room = withinOwnLimits(asked);
    const within = boundOf(room);
    const level = within.feasible ? decideLevel(room, within, incumbents) : null;
    if (level !== null) return { ...level, bound, room };
  }
  return { ...decideAudiences(withinOwnLimits(asked), incumbents), bound };
}

/** Everybody is served: at which rates. `null`: not even at the least. */
function decideLevel(room: Room, bound: Bound, incumbents: Incumbents): Leveled | null {
  if (incumbents.size === 0) return packHighest(room, bound);
  const unmoved = keepAll(room, bound, incumbents, 1);
  if (unmoved !== null) return unmoved;
  const fresh = packHighest(room, bound);
  if (fresh === null) return null;
  return keepAll(room, bound, incumbents, fresh.free) ?? keepMost(room, bound, incumbents, fresh) ?? fresh;
}

/** Not everybody can be served: at the least rates, which number of receivers each source can have. */
function decideAudiences(room: Room, incumbents: Incumbents): Leveled & { readonly room: Room } {
  const rates = room.peers.map((peer) => peer.source?.minBps ?? 0);
  const size = room.peers.length;
  const limited = (total: number): Room => withAudiences(room, Math.floor(total / size), total % size);
  const fits = (total: number): boolean => packWith(limited(total), rates, () => true) !== null;
  let low = 0;
  let high = size * Math.max(0, ...room.peers.map((peer) => peer.audience)) + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  const best = limited(low);
  const fresh = packFewestSplit(best, rates);
  // A room in which nobody receives anything always fits.
  if (fresh === null) throw new Error('the planner found no plan for a room that asks for nothing');
  const needed = fresh.shares.map(isSplit);
  const kept = packWith(best, rates, (source) => needed[source] === true, incumbents);
  return { ...(kept ?? fresh), free: 0, held: 0, room: best };
}
