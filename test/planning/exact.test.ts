/** On small rooms the planner is held against a solver that finds the best there is. */
import test from 'ava';
import { type PlanInput, planRoom } from '../../machines/plan.ts';
import { twoHopPairs } from './audit.ts';
import { fairestRates, leastTwoHopPairs } from './exact.ts';
import { evenRoom, fixedRoom, homeRoom, MBIT, mixedRoom, seededRandom } from './rooms.ts';

const MOST_ABOVE_LEAST = 0.02;
/** Of each size, at each part of the bound; more would take the solver too long for a test. */
const ROOMS = 10;
const PARTS = [0.6, 0.9, 0.98, 0.995, 1];
/** Where rates differ, the solver takes too long for rooms that need all of their upload. */
const MIXED_PARTS = [0.9, 0.98, 0.995];
const MIXED_ROOMS = 25;
const BOUND_ROOMS = 100;
/** The planner's bound and the solver's differ by its tolerances. */
const TOLERANCE = 5e-4;

for (const size of [3, 4, 5]) {
  test(`rooms of ${size}: next to the fewest pairs through relays, and nobody unserved whom 16 slices could serve`, (t) => {
    const random = seededRandom(200 + size);
    let planned = 0;
    let least = 0;
    for (const part of PARTS) {
      for (let run = 0; run < ROOMS; run += 1) {
        const room = evenRoom(random, size, part);
        const plan = planRoom(room);
        const best = leastTwoHopPairs(room);
        t.is(plan.unserved.length === 0, best !== null, JSON.stringify(room));
        if (best === null) continue;
        planned += twoHopPairs(plan);
        least += best;
      }
    }
    t.true(least > 0);
    t.true(planned <= least * (1 + MOST_ABOVE_LEAST), `${planned} pairs where ${least} is the least possible`);
  });

  test(`rooms of ${size} at mixed rates: next to the fewest pairs through relays`, (t) => {
    const random = seededRandom(400 + size);
    let planned = 0;
    let least = 0;
    for (const part of MIXED_PARTS) {
      for (let run = 0; run < MIXED_ROOMS; run += 1) {
        const room = mixedRoom(random, size, part);
        const plan = planRoom(room);
        const best = leastTwoHopPairs(room);
        if (best === null) continue;
        t.deepEqual(plan.unserved, []);
        planned += twoHopPairs(plan);
        least += best;
      }
    }
    t.true(planned <= least * (1 + MOST_ABOVE_LEAST), `${planned} pairs where ${least} is the least possible`);
  });

  test(`rooms of ${size}: the bound is what a linear program finds, and planned rates never exceed it`, (t) => {
    const random = seededRandom(300 + size);
    for (let run = 0; run < BOUND_ROOMS; run += 1) {
      const room = limitedRoom(random, size);
      const best = fairestRates(room);
      const { boundBps, rates } = planRoom(room);
      const highest = Math.max(...best);
      t.true(
        Math.abs(boundBps - highest) <= highest * TOLERANCE,
        `${boundBps}, not ${highest}: ${JSON.stringify(room)}`,
      );
      const sorted = Object.values(rates).sort((a, b) => a - b);
      const ceiling = best.sort((a, b) => a - b);
      t.true((sorted[0] ?? 0) <= (ceiling[0] ?? 0) * (1 + TOLERANCE), JSON.stringify(room));
    }
  });
}

test('what the solver calls the least is the least where that is plain', (t) => {
  t.is(leastTwoHopPairs(fixedRoom([9, 9, 9])), 0);
  t.is(leastTwoHopPairs(fixedRoom([5, 5, 1])), 1);
  t.is(leastTwoHopPairs(fixedRoom([1, 1, 1])), null);
});

/** Some lend only a part of their upload, some sources have a maximum of their own. */
function limitedRoom(random: () => number, size: number): PlanInput {
  const room = homeRoom(random, size);
  const peers = room.peers.map((peer) => {
    const lendBps = random() < 0.3 ? Math.round(random() * peer.uploadBps) : peer.uploadBps;
    const maxBps = random() < 0.3 ? Math.round(random() * 10 * MBIT) : 1000 * MBIT;
    return { ...peer, lendBps, source: { minBps: 0, maxBps } };
  });
  return { headroom: 1, peers };
}
