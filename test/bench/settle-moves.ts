/** Which of a room's ways a join moved, against those that had to move. */
import type { PeerId } from '../../machines/messages.ts';
import { type Paths, pathsOfRoutes, routesOfPaths } from '../../machines/paths.ts';
import { type Plan, type PlanInput, planRoom } from '../../machines/plan.ts';
import { SLICE_COUNT, sliceBps, sliceCount } from '../../machines/slices.ts';
import { HEADROOM, type PeerProcess } from '../simulation/peer-process.ts';

/** The paths of every source. */
export type RoomPaths = ReadonlyMap<PeerId, Paths>;

/** Counted in ways: one slice of a source to one receiver. */
export interface Moves {
  /** How many there were before the join. */
  readonly ways: number;
  /** How many of them are other ways now. */
  readonly moved: number;
  /** How many the plan moves that is made for the room with the joiner, from how it ran. */
  readonly planned: number;
  /** How many must move at least: what peers would send too much, were everything left as it was, at the planned rates. */
  readonly least: number;
}

export function pathsIn(members: readonly PeerProcess[]): RoomPaths {
  return new Map(members.flatMap(({ id, negotiation }) => (negotiation ? [[id, negotiation.inForce]] : [])));
}

/** What a join into these paths came to. `members` are those of the room with the joiner. */
export function movesSince(before: RoomPaths, members: readonly PeerProcess[]): Moves {
  const room = roomOf(members);
  const inForce = [...before].flatMap(([source, paths]) => routesOfPaths(paths).map((route) => ({ source, ...route })));
  const plan = planRoom({ ...room, inForce });
  const planned = new Map(
    room.peers.map(({ id }) => [id, pathsOfRoutes(plan.routes.filter(({ source }) => source === id))]),
  );
  return {
    ways: movedBetween(before, new Map()),
    moved: movedBetween(before, pathsIn(members)),
    planned: movedBetween(before, planned),
    least: leastMoves(room, plan, before),
  };
}

function movedBetween(before: RoomPaths, after: RoomPaths): number {
  let moved = 0;
  for (const [source, paths] of before) {
    for (const [receiver, ways] of paths) {
      const now = after.get(source)?.get(receiver);
      for (const [via, slices] of ways) moved += sliceCount(slices & ~(now?.get(via) ?? 0));
    }
  }
  return moved;
}

/** The room as its members are, for the planner. */
function roomOf(members: readonly PeerProcess[]): PlanInput {
  const peers = members.map(({ id, uploadBps, lendBps, range }) => ({
    ...{ id, uploadBps: uploadBps * HEADROOM, lendBps },
    ...(range !== null && { source: range }),
  }));
  return { headroom: 1, peers };
}

/** Rates are rounded to whole bit/s. */
const ROUNDING = 1e-6;

/** A lower bound: whatever a peer sends too much must be sent by another, which is another way. */
function leastMoves({ peers }: PlanInput, { rates }: Plan, before: RoomPaths): number {
  const sent = new Map<PeerId, number>();
  for (const [source, paths] of before) {
    for (const ways of paths.values()) {
      for (const [via, slices] of ways) {
        const sender = via ?? source;
        sent.set(sender, (sent.get(sender) ?? 0) + sliceBps(slices, rates[source] ?? 0));
      }
    }
  }
  const dearestBps = Math.max(...Object.values(rates)) / SLICE_COUNT;
  return peers.reduce((sum, { id, uploadBps }) => {
    const tooMuchBps = (sent.get(id) ?? 0) - uploadBps * (1 + ROUNDING);
    return sum + Math.max(0, Math.ceil(tooMuchBps / dearestBps));
  }, 0);
}
