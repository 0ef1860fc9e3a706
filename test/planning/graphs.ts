/** Rooms of peers behind NATs: who reaches whom follows from the kinds of two NATs. */
import type { PlanInput } from '../../machines/plan.ts';
import { homeRoom } from './rooms.ts';

type Nat = 'open' | 'restricted' | 'symmetric';

/** How many of a hundred peers are open (public, mapped, or filtering by host at most), and port-restricted; all others are symmetric. */
export interface NatMix {
  readonly open: number;
  readonly restricted: number;
}

/** As homes are, and as they are with port mapping and IPv6. */
export const HOMES: NatMix = { open: 10, restricted: 70 };
export const MAPPED: NatMix = { open: 40, restricted: 45 };

/** A room of homes at any rates, and the graph that their NATs make. */
export function natRoom(random: () => number, size: number, mix: NatMix): PlanInput {
  return withNats(homeRoom(random, size), random, mix);
}

export function withNats(room: PlanInput, random: () => number, { open, restricted }: NatMix): PlanInput {
  const nats = room.peers.map((): Nat => {
    const drawn = 100 * random();
    return drawn < open ? 'open' : drawn < open + restricted ? 'restricted' : 'symmetric';
  });
  const cut = room.peers.flatMap(({ id }, a) =>
    room.peers.slice(a + 1).flatMap((other, at): (readonly [string, string])[] => {
      return reach(nats[a], nats[a + 1 + at]) ? [] : [[id, other.id]];
    }),
  );
  return { ...room, cut };
}

/** Two symmetric NATs never let each other through, nor a symmetric and a port-restricted one. */
function reach(a: Nat | undefined, b: Nat | undefined): boolean {
  if (a === 'symmetric') return b === 'open';
  return b !== 'symmetric' || a === 'open';
}

/** A room of homes of which any pair may be cut. */
export function cutRoom(random: () => number, size: number, part: number): PlanInput {
  const room = homeRoom(random, size);
  const ids = room.peers.map(({ id }) => id);
  const cut = ids.flatMap((a, at) =>
    ids.slice(at + 1).flatMap((b): (readonly [string, string])[] => (random() < part ? [[a, b]] : [])),
  );
  return { ...room, cut };
}
