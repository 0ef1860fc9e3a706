/** Rooms that grow one by one, as rooms do: rates stay near the bound, little moves, and few pairs hang on relays. */
import test from 'ava';
import { planRoom } from '../../machines/plan.ts';
import { drawn } from '../extent.ts';
import { twoHopPairs } from './audit.ts';
import { leastTwoHopPairs } from './exact.ts';
import { movedBetween, pathsOfPlan } from './least-moves.ts';
import { evenRoom, homeRoom, joinedOneByOne, mixedRoom, seededRandom } from './rooms.ts';

/** Of the bound, over all joins. */
const MEAN_SHARE = 0.995;
/** Ways that a join moves, of all there were. */
const MOST_MOVED = 0.04;
const ROOMS = drawn(1, 3);
const FINAL_SIZE = 24;
/** Pairs on relays beyond the least, of rooms that need nearly all of their upload; a fresh plan has next to none. */
const MOST_ABOVE_LEAST = 0.045;
const PARTS = [0.6, 0.9, 0.98, 0.995];
const SOLVED_ROOMS = drawn(12, 20);

test(`rooms that grow to ${FINAL_SIZE}: what every join leads to`, (t) => {
  const random = seededRandom(77);
  let [joins, shares, ways, moved] = [0, 0, 0, 0];
  for (let run = 0; run < ROOMS; run += 1) {
    const room = homeRoom(random, FINAL_SIZE);
    let { routes } = planRoom({ ...room, peers: room.peers.slice(0, 2) });
    for (let size = 3; size <= FINAL_SIZE; size += 1) {
      const joined = { ...room, peers: room.peers.slice(0, size), inForce: routes };
      const plan = planRoom(joined);
      const before = pathsOfPlan(joined, { routes });
      joins += 1;
      shares += plan.ratio;
      ways += movedBetween(before, new Map());
      moved += movedBetween(before, pathsOfPlan(joined, plan));
      routes = [...plan.routes];
    }
  }
  t.true(shares / joins >= MEAN_SHARE, `${shares / joins} of the bound`);
  t.true(moved / ways <= MOST_MOVED, `${moved} of ${ways} ways moved`);
});

for (const size of [3, 4]) {
  for (const [name, make] of [
    ['equal', evenRoom],
    ['mixed', mixedRoom],
  ] as const) {
    test(`rooms that grow to ${size} at ${name} rates: pairs on relays beside the least possible`, (t) => {
      const random = seededRandom(800 + size);
      let [planned, least] = [0, 0];
      for (let run = 0; run < SOLVED_ROOMS; run += 1) {
        const room = make(random, size, PARTS[run % PARTS.length] ?? 1);
        const best = leastTwoHopPairs(room);
        if (best === null) continue;
        const plan = planRoom(joinedOneByOne(room));
        t.deepEqual(plan.unserved, []);
        planned += twoHopPairs(plan);
        least += best;
      }
      t.true(planned <= least * (1 + MOST_ABOVE_LEAST), `${planned} pairs where ${least} is the least possible`);
    });
  }
}
