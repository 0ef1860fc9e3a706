/** What the plan moves for the last peer that joins a room, beside what must move. */
import { type PlanInput, planRoom } from '../../machines/plan.ts';
import { type leastMoves, movedBetween, pathsOfPlan } from './least-moves.ts';
import { joinedOneByOne } from './rooms.ts';

/** @returns numbers of ways: of the room before, that go another way after, and that must; and how long it took to find the last */
export function lastJoin(
  peers: PlanInput,
  mustMove: typeof leastMoves,
): { readonly ways: number; readonly moved: number; readonly least: number; readonly solverMs: number } {
  const room = joinedOneByOne(peers);
  const plan = planRoom(room);
  const before = pathsOfPlan(room, { routes: room.inForce });
  const start = performance.now();
  const least = mustMove(room, plan, before);
  return {
    ways: movedBetween(before, new Map()),
    moved: movedBetween(before, pathsOfPlan(room, plan)),
    least,
    solverMs: performance.now() - start,
  };
}
