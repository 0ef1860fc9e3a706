/** What a join moves, beside the least that any plan must move. */
import assert from 'node:assert/strict';
import test from 'ava';
import { planRoom } from '../../machines/plan.ts';
import { fewestMoves } from './fewest-moves.ts';
import { lastJoin } from './last-join.ts';
import { leastMoves, movedBetween, pathsOfPlan } from './least-moves.ts';
import { fixedRoom, homeRoom, joinedOneByOne, MBIT, peerId, seededRandom } from './rooms.ts';

test('a source that can no longer afford a copy must move just that one', (t) => {
  // C sends A and B everything, and for three receivers it has only two copies.
  const before = planRoom(fixedRoom([5, 10, 2]));
  const room = fixedRoom([5, 10, 2, 4], before.routes);
  t.is(leastMoves(room, planRoom(room), pathsOfPlan(room, before)), 0);
  const poorer = fixedRoom([5, 10, 1], before.routes);
  t.is(leastMoves(poorer, planRoom(poorer), pathsOfPlan(poorer, before)), 16);
});

test('in rooms of four and five a join moves next to nothing but what must move', (t) => {
  const { moved, least } = joins([4, 5], 30, fewestMoves);
  t.true(moved <= 1.05 * least, `${moved} moved where ${least} must`);
});

test('rooms that fill one by one move little more than they must', (t) => {
  const { moved, least } = joins([8, 12, 16], 15, leastMoves);
  t.true(moved <= 1.6 * least, `${moved} moved where ${least} must`);
});

test('where not all can stay, what costs least stays', (t) => {
  const { moved, least } = joins([6], 15, fewestMoves);
  t.true(moved <= 1.1 * least, `${moved} moved where ${least} must`);
});

test('a stream that is not split and has next to no rate stays on its relay when others make room', (t) => {
  const uploads = [94_946_217, 149_302_064, 21_732_280, 2_357_202, 10_040_943, 214_218_916];
  const peers = uploads.map((uploadBps, index) => ({
    ...{ id: peerId(index), uploadBps },
    source: { minBps: 0, maxBps: 1000 * MBIT },
  }));
  const room = joinedOneByOne({ headroom: 1, peers });
  const poorest = ({ source }: { readonly source: string }) => source === peerId(3);
  const before = pathsOfPlan(room, { routes: room.inForce.filter(poorest) });
  const plan = planRoom(room);
  t.is(movedBetween(before, pathsOfPlan(room, { routes: plan.routes.filter(poorest) })), 0);
});

function joins(sizes: readonly number[], rooms: number, mustMove: typeof leastMoves): { moved: number; least: number } {
  let moved = 0;
  let least = 0;
  for (const size of sizes) {
    const random = seededRandom(size * 13 + 5);
    for (let run = 0; run < rooms; run += 1) {
      const join = lastJoin(homeRoom(random, size), mustMove);
      assert.ok(join.moved >= join.least, `${join.moved} moved, and ${join.least} must: the bound is wrong`);
      moved += join.moved;
      least += join.least;
    }
  }
  return { moved, least };
}
