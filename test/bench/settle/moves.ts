/** Which of a room's ways a join moved, against those that had to move. */
import { routesOfPaths } from '../../../machines/paths.ts';
import { type PlanInput, planRoom } from '../../../machines/plan.ts';
import { leastMoves, movedBetween, pathsOfPlan, type RoomPaths } from '../../planning/least-moves.ts';
import { HEADROOM, type PeerProcess } from '../../simulation/peer-process.ts';

/** What every member of a simulated room sends. */
const STREAM = 'camera';

/** Counted in ways: one slice of a source to one receiver. */
export interface Moves {
  /** How many there were before the join. */
  readonly ways: number;
  /** How many of them are other ways now. */
  readonly moved: number;
  /** How many the plan moves that is made for the room with the joiner, from how it ran. */
  readonly planned: number;
  /** How many must move at least, at the planned rates. */
  readonly least: number;
}

export function pathsIn(members: readonly PeerProcess[]): RoomPaths {
  return new Map(members.flatMap(({ id, negotiation }) => (negotiation ? [[id, negotiation.inForce]] : [])));
}

/** What a join into these paths came to. `members` are those of the room with the joiner. */
export function movesSince(before: RoomPaths, members: readonly PeerProcess[]): Moves {
  const room = roomOf(members);
  const inForce = [...before].flatMap(([source, paths]) =>
    routesOfPaths(paths).map((route) => ({ source, stream: STREAM, ...route })),
  );
  const plan = planRoom({ ...room, inForce });
  return {
    ways: movedBetween(before, new Map()),
    moved: movedBetween(before, pathsIn(members)),
    planned: movedBetween(before, pathsOfPlan(room, plan)),
    least: leastMoves(room, plan, before),
  };
}

/** The room as its members are, for the planner. */
function roomOf(members: readonly PeerProcess[]): PlanInput {
  const peers = members.map(({ id, uploadBps, lendBps, range }) => ({
    ...{ id, uploadBps: uploadBps * HEADROOM, lendBps },
    ...(range !== null && { streams: [{ name: STREAM, media: 'video' as const, ...range }] }),
  }));
  return { headroom: 1, peers };
}
