/** The numbers of a plan: who is served, at which rates, and each source's share of the relays; for the whole room. */
import { type Bound, boundOf } from './bound.ts';
import { consolidated } from './consolidating.ts';
import type { Incumbents } from './incumbents.ts';
import { asItRuns, isGoodAsItRuns, keepMost } from './keeping.ts';
import { pack } from './packing.ts';
import { type Leveled, leveled, packFewestSplit, packHighest } from './rates.ts';
import type { Room } from './room.ts';
import { isSplit } from './share.ts';
import { withAffordableAudiences, withinOwnLimits } from './shortage.ts';

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
  if (incumbents.none) {
    const fresh = packHighest(room, bound);
    return fresh && consolidated(room, fresh);
  }
  const running = asItRuns(room, bound, incumbents);
  if (running !== null && isGoodAsItRuns(room, running, 1)) return running;
  const fresh = packHighest(room, bound);
  if (fresh === null) return null;
  if (running !== null && isGoodAsItRuns(room, running, fresh.free)) return running;
  return keepMost(room, bound, incumbents, running, fresh) ?? fresh;
}

/** After so many halvings the part of the pool that can be used is known to a tenth of a per mille. */
const HALVINGS = 13;

/** Not everybody can be served: at the least rates, how many receivers each source can have. */
function decideAudiences(room: Room, incumbents: Incumbents): Leveled & { readonly room: Room } {
  const rates = room.peers.map((peer) => peer.source?.minBps ?? 0);
  const fits = (tried: Room): boolean => pack(tried, { rates, split: () => true }) !== null;
  let best = withAffordableAudiences(room, 1);
  if (!fits(best)) {
    let low = 0;
    let high = 1;
    best = withAffordableAudiences(room, low);
    for (let halving = 0; halving < HALVINGS; halving += 1) {
      const middle = (low + high) / 2;
      const tried = withAffordableAudiences(room, middle);
      if (fits(tried)) {
        low = middle;
        best = tried;
      } else high = middle;
    }
  }
  const fresh = packFewestSplit(best, rates);
  // Without any of the pool, sources serve only whom they reach themselves, and that always fits.
  if (fresh === null) throw new Error('the planner found no plan for a room that uses no relay');
  const needed = fresh.shares.map(isSplit);
  const kept = pack(best, { rates, split: (source) => needed[source] === true }, incumbents);
  return { ...leveled(kept ?? fresh, { free: 0, held: 0 }), room: best };
}
