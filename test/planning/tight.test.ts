/** Rooms in which every leg of upload is needed: everybody is served although hardly any order of placing legs leads there. */
import test from 'ava';
import { type PlanInput, planRoom } from '../../machines/plan.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';
import { drawn } from '../extent.ts';
import { faultsOf } from './audit.ts';
import { fixedRoom, seededRandom } from './rooms.ts';

const ROOMS = drawn(20, 60);

test('a peer with upload to spare has its own stream relayed where only that makes room for another', (t) => {
  // D and E need one relay each that sends three copies; C can, and A only if somebody sends one of A's own.
  const room = fixedRoom([6, 5, 7, 1, 1]);
  t.deepEqual(faultsOf(room, planRoom(room)), []);
  t.deepEqual(planRoom(room).unserved, []);
});

for (const [name, parts] of [
  ['whole copies', 1],
  ['slices', SLICE_COUNT],
] as const) {
  for (const size of [3, 4, 5, 6, 8, 12]) {
    test(`rooms of ${size} with not one of their ${name} to spare`, (t) => {
      const random = seededRandom(size);
      for (let run = 0; run < ROOMS; run += 1) {
        const room = exactRoom(random, size, parts);
        const plan = planRoom(room);
        t.deepEqual(faultsOf(room, plan), []);
        t.deepEqual(plan.unserved, []);
      }
    });
  }
}

/** Uploads that are whole parts of a copy, at least one copy each, and all together just what everybody needs. */
function exactRoom(random: () => number, size: number, parts: number): PlanInput {
  const beyondOne = size * (size - 2) * parts;
  const weights = Array.from({ length: size }, () => random() ** 4);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const units = weights.map((weight) => Math.floor((beyondOne * weight) / total));
  const rest = beyondOne - units.reduce((sum, count) => sum + count, 0);
  return fixedRoom(units.map((count, index) => 1 + (count + (index < rest ? 1 : 0)) / parts));
}
