/** What a join moves, beside the least that any plan must move, in a few rooms of each size: `npm run bench:moves` draws more. */
import assert from 'node:assert/strict';
import test from 'ava';
import { planRoom } from '../../machines/plan.ts';
import { drawn } from '../extent.ts';
import { fewestMoves } from './fewest-moves.ts';
import { lastJoin } from './last-join.ts';
import { leastMoves, movedBetween, pathsOfPlan } from './least-moves.ts';
import { fixedRoom, freeRoom, homeRoom, MBIT, seededRandom } from './rooms.ts';

test('a source that can no longer afford a copy must move just that one', (t) => {
  // C sends A and B everything, and for three receivers it has only two copies.
  const before = planRoom(fixedRoom([5, 10, 2]));
  const room = fixedRoom([5, 10, 2, 4], before.routes);
  t.is(leastMoves(room, planRoom(room), pathsOfPlan(room, before)), 0);
  const poorer = fixedRoom([5, 10, 1], before.routes);
  t.is(leastMoves(poorer, planRoom(poorer), pathsOfPlan(poorer, before)), 16);
});

test('in rooms of four and five a join moves next to nothing but what must move', (t) => {
  const { moved, least } = joins([4, 5], drawn(4, 15), fewestMoves);
  t.true(moved <= 1.05 * least, `${moved} moved where ${least} must`);
});

test('rooms that fill one by one move little more than they must', (t) => {
  const { moved, least } = joins([8, 12, 16], drawn(2, 6), leastMoves);
  t.true(moved <= 1.06 * least, `${moved} moved where ${least} must`);
});

test('what a relay forwards stays there, though with lower rates its source could send it itself', (t) => {
  const room = freeRoom([9.19, 16.95, 18.8, 0.914, 98.8, 150.5, 18.1, 48.9, 8.41, 33.6].map((mbit) => mbit * MBIT));
  const before = planRoom({ ...room, peers: room.peers.slice(0, -1) });
  const { routes } = planRoom({ ...room, inForce: before.routes });
  t.is(movedBetween(pathsOfPlan(room, before), pathsOfPlan(room, { routes })), 0);
});

test('where no relay has enough left for all legs of a slice, others make room, and rates need not fall', (t) => {
  const room = freeRoom([1.1, 15.6, 1.4, 8.3, 2.1, 136.2, 8.7, 16.1].map((mbit) => mbit * MBIT));
  const before = planRoom({ ...room, peers: room.peers.slice(0, -1) });
  const { routes, ratio } = planRoom({ ...room, inForce: before.routes });
  t.true(ratio > 0.995, `${ratio} of the bound`);
  const moved = movedBetween(pathsOfPlan(room, before), pathsOfPlan(room, { routes }));
  t.true(moved <= 12, `${moved} ways moved`);
});

test('where not all can stay, what costs least stays', (t) => {
  const { moved, least } = joins([6], drawn(3, 8), fewestMoves);
  t.true(moved <= 1.05 * least, `${moved} moved where ${least} must`);
});

test('a new relay is one that gets the stream direct already, though others have more to spare', (t) => {
  // C sends two copies and has D through A. When E comes A is full: B, which C serves itself, and D, with more to spare, are not.
  const { routes } = planRoom(fixedRoom([6, 4, 2, 4]));
  t.is(routes.find(({ source, relay }) => source === 'C' && relay !== null)?.relay, 'A');
  const room = fixedRoom([5, 5, 2, 9, 4], routes);
  t.is(movedBetween(pathsOfPlan(room, { routes }), pathsOfPlan(room, planRoom(room))), 0);
});

test('what a join has led to stays as it is', (t) => {
  const random = seededRandom(20 * 13 + 5);
  for (let run = 0; run < drawn(8, 25); run += 1) {
    const room = homeRoom(random, 20);
    const before = planRoom({ ...room, peers: room.peers.slice(0, -1) });
    const { routes } = planRoom({ ...room, inForce: before.routes });
    t.deepEqual(planRoom({ ...room, inForce: routes }).routes, routes);
  }
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
