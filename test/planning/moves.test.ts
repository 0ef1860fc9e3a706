/** What a join moves, beside the least that any plan must move. */
import test from 'ava';
import { planRoom } from '../../machines/plan.ts';
import { leastMoves, movedBetween, pathsOfPlan } from './least-moves.ts';
import { fixedRoom, homeRoom, seededRandom } from './rooms.ts';

test('a source that can no longer afford a copy must move just that one', (t) => {
  // C sends A and B everything, and for three receivers it has only two copies.
  const before = planRoom(fixedRoom([5, 10, 2]));
  const room = fixedRoom([5, 10, 2, 4], before.routes);
  t.is(leastMoves(room, planRoom(room), pathsOfPlan(room, before)), 0);
  const poorer = fixedRoom([5, 10, 1], before.routes);
  t.is(leastMoves(poorer, planRoom(poorer), pathsOfPlan(poorer, before)), 16);
});

test('rooms that fill one by one move little more than they must', (t) => {
  let moved = 0;
  let least = 0;
  for (const size of [8, 12, 16]) {
    const random = seededRandom(size * 11 + 5);
    for (let run = 0; run < 15; run += 1) {
      const { headroom, peers } = homeRoom(random, size);
      let before = planRoom({ headroom, peers: peers.slice(0, 2) });
      for (let joined = 3; joined < size; joined += 1) {
        before = planRoom({ headroom, peers: peers.slice(0, joined), inForce: before.routes });
      }
      const room = { headroom, peers, inForce: before.routes };
      const plan = planRoom(room);
      const inPlan = movedBetween(pathsOfPlan(room, before), pathsOfPlan(room, plan));
      const atLeast = leastMoves(room, plan, pathsOfPlan(room, before));
      t.true(inPlan >= atLeast, `${inPlan} moved, and ${atLeast} must: the bound is wrong`);
      moved += inPlan;
      least += atLeast;
    }
  }
  t.true(moved <= 1.6 * least, `${moved} moved where ${least} must`);
});
