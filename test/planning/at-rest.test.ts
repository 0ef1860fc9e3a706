/** A room in which a leg is narrow, and uplinks are measured: each a little different from one plan to the next, and nothing moves for that. */
import test from 'ava';
import { aroundNarrow } from '../../machines/narrow-plan.ts';
import { type PlanInput, type PlanRoute, planRoom } from '../../machines/plan.ts';
import { movedBetween, pathsByStream } from './least-moves.ts';
import { MBIT, seededRandom } from './rooms.ts';

const PLANS = 12;
/** Of 16 slices of 12 streams to 5 receivers in 11 plans. */
const MOST_MOVES = 64;
const STREAMS = [
  { name: 'voice', media: 'audio', minBps: 32_000, maxBps: 32_000 },
  { name: 'camera', media: 'video', minBps: 100_000, maxBps: 1.2 * MBIT },
] as const;

/** A full room, the richest of which has too little room for a camera to the poorest. */
function roomOf(uploads: readonly number[], inForce: readonly PlanRoute[]): PlanInput {
  const peers = uploads.map((bps, index) => ({ id: `P${index}`, uploadBps: bps, lendBps: bps, streams: STREAMS }));
  const from = `P${uploads.length - 1}`;
  return aroundNarrow({ headroom: 1, peers, inForce }, [{ from, peer: 'P0', bps: 0.3 * MBIT }]);
}

for (const spread of [0.005, 0.02])
  test(`uplinks that are ${100 * spread} % more or less from one plan to the next move hardly anything`, (t) => {
    const random = seededRandom(43);
    const uploads = Array.from({ length: 6 }, (_, index) => 4.5 * MBIT * (0.6 + 0.16 * index));
    let inForce: readonly PlanRoute[] = [];
    const moves: number[] = [];
    for (let count = 0; count < PLANS; count += 1) {
      const room = roomOf(
        uploads.map((bps) => bps * (1 + spread * (2 * random() - 1))),
        inForce,
      );
      const plan = planRoom(room);
      t.deepEqual(plan.unserved, []);
      t.true(plan.ratio >= 0.95, `${plan.ratio}`);
      if (count > 0) moves.push(movedBetween(pathsByStream(inForce), pathsByStream(plan.routes)));
      inForce = plan.routes;
    }
    t.true(moves.reduce((sum, moved) => sum + moved, 0) <= MOST_MOVES, `${moves}`);
  });
