/** Copies come evenly: where some slices have more of them than others, those are apart, so that no uplink meets them in a row. */
import test from 'ava';
import { type PlanRoute, planRoom } from '../../machines/plan.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';
import { drawn } from '../extent.ts';
import { homeRoom, seededRandom } from './rooms.ts';

const ROOMS = drawn(20, 40);
/** In a row that is all together, eight slices of sixteen are four copies ahead of their mean; spread they are one or two. */
const MOST_AHEAD = 1.5;

/** How many copies its owner sends of each slice of a source. */
function copiesBySlice(source: string, routes: readonly PlanRoute[]): number[] {
  const hops = new Map<string, number>();
  for (const { relay, receivers, slices } of routes.filter((route) => route.source === source))
    for (const hop of relay === null ? receivers : [relay]) hops.set(hop, (hops.get(hop) ?? 0) | slices);
  const masks = [...hops.values()];
  return Array.from({ length: SLICE_COUNT }, (_, slice) => masks.filter((mask) => (mask >> slice) & 1).length);
}

/** By how many copies any run of packets exceeds what it would be at the mean. */
function mostAhead(copies: readonly number[]): number {
  const mean = copies.reduce((sum, count) => sum + count, 0) / SLICE_COUNT;
  let most = 0;
  for (let first = 0; first < SLICE_COUNT; first += 1) {
    let ahead = 0;
    for (let length = 0; length < SLICE_COUNT; length += 1) {
      ahead += (copies[(first + length) % SLICE_COUNT] ?? 0) - mean;
      most = Math.max(most, ahead);
    }
  }
  return most;
}

for (const size of [5, 8, 12]) {
  test(`rooms of ${size}`, (t) => {
    const random = seededRandom(size);
    for (let room = 0; room < ROOMS; room += 1) {
      const { routes } = planRoom(homeRoom(random, size));
      for (const source of new Set(routes.map((route) => route.source))) {
        const copies = copiesBySlice(source, routes);
        const range = Math.max(...copies) - Math.min(...copies);
        t.true(mostAhead(copies) <= MOST_AHEAD * range, `${source}: ${copies}`);
      }
    }
  });
}
