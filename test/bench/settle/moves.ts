/** Which of a room's ways a join moved, against those that had to move. */
import { routesOfPaths } from '../../../machines/forwarding/paths.ts';
import { type PlanInput, planRoom } from '../../../machines/plan.ts';
import { leastMoves, movedBetween, pathsByStream, type RoomPaths } from '../../planning/least-moves.ts';
import { truthOf } from '../../simulation/verdict/truth.ts';
import type { PeerProcess } from '../../simulation/world/peer/peer-process.ts';

/** Counted in ways: one slice of a stream to one receiver. */
export interface Moves {
  /** How many there were before the join. */
  readonly ways: number;
  /** How many of them are other ways now. */
  readonly moved: number;
  /** How many the plan moves that is made for the room with the joiner, from how it ran. */
  readonly planned: number;
  /** How many must move at least, at the planned rates; null where the solver's program does not fit the room. */
  readonly least: number | null;
}

/** By `ID/STREAM`. */
export function pathsIn(members: readonly PeerProcess[]): RoomPaths {
  return new Map(
    members.flatMap(({ id, negotiation }) =>
      [...(negotiation?.inForce ?? [])].map(([stream, paths]) => [`${id}/${stream}`, paths] as const),
    ),
  );
}

/** What a join into these paths came to. `members` are those of the room with the joiner. */
export function movesSince(before: RoomPaths, members: readonly PeerProcess[]): Moves {
  const room = truthOf(members);
  const inForce = [...before].flatMap(([key, paths]) => {
    const [source = '', stream = ''] = key.split('/');
    return routesOfPaths(paths).map((route) => ({ source, stream, ...route }));
  });
  const plan = planRoom({ ...room, inForce });
  return {
    ways: movedBetween(before, new Map()),
    moved: movedBetween(before, pathsIn(members)),
    planned: movedBetween(before, pathsByStream(plan.routes)),
    least: watchesAll(room) ? leastMoves(room, plan, bySource(before)) : null,
  };
}

/** Of sources that send one stream each. */
function bySource(paths: RoomPaths): RoomPaths {
  return new Map([...paths].map(([key, own]) => [key.split('/')[0] ?? '', own]));
}

/** Whether everybody sends one stream and receives all others. */
function watchesAll({ peers }: PlanInput): boolean {
  return peers.every(({ streams = [], wants, downloadBps }) => {
    return streams.length === 1 && wants === undefined && downloadBps === undefined;
  });
}
