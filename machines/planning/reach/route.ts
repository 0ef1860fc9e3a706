/**
 * The ways of all streams. Each goes whole the way that is cheapest for it, several times, for the ways of the others change the
 * prices; then slices of those that go through uplinks that are too full look for other ways. Every change makes all ways together
 * cheaper: that has an end, and where slices are small it is near the best there is.
 */
import { SLICE_COUNT } from '../../slices.ts';
import type { Room } from '../room.ts';
import { hopsCost, type Ways } from './cheapest.ts';
import type { Effort } from './effort.ts';
import { type Course, sameTree, type Tree } from './tree.ts';
import type { Uplinks } from './uplinks.ts';

/** How often each stream looks for a cheaper way while it goes whole, and each slice afterwards. */
const ROUNDS = 3;
const ROUNDS_OF_SLICES = 12;
/** Uplinks that are nearly full are relieved, too, to leave room for what comes from those that are too full. */
const NEARLY_FULL = 0.7;
/** A round that leaves the fullest uplink fuller than this part of what it was is the last one. */
const WORTH_A_ROUND = 0.995;
/** Sums of rates are no more exact than this. */
const ROUNDING = 1e-9;

/** Give all streams ways. Audio first, then who has most legs to those whom its owner can't reach: these have least choice. */
export function routeWhole(room: Room, courses: readonly Course[], ways: Ways, uplinks: Uplinks): void {
  for (const course of courses) {
    const tree = ways.cheapest(course, course.rate);
    course.trees.fill(tree);
    uplinks.carry(tree, course.rate);
  }
  for (let round = 1; round < ROUNDS; round += 1) {
    let some = false;
    for (const course of courses) if (reroute(room, course, 0, SLICE_COUNT, ways, uplinks)) some = true;
    if (!some) return;
  }
}

/** Move slices, and what is never split as a whole, away from uplinks that are too full. */
export function relieve(room: Room, courses: readonly Course[], ways: Ways, uplinks: Uplinks, effort: Effort): void {
  const isFull = ({ loads }: Tree): boolean => loads.some(({ peer }) => uplinks.fullness(peer) > NEARLY_FULL);
  const peers = [...room.peers.keys()];
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS_OF_SLICES; round += 1) {
    const fullest = Math.max(...peers.map((peer) => uplinks.fullness(peer)));
    if (fullest <= 1 + ROUNDING || fullest > before * WORTH_A_ROUND) return;
    before = fullest;
    let some = false;
    for (const course of courses) {
      const step = room.streams[course.stream]?.whole ? SLICE_COUNT : 1;
      for (let slice = 0; slice < SLICE_COUNT; slice += step) {
        const tree = course.trees[slice];
        if (tree === undefined || !isFull(tree)) continue;
        if (effort.isSpent) return;
        effort.spend();
        if (reroute(room, course, slice, step, ways, uplinks)) some = true;
      }
    }
    if (!some) return;
  }
}

/** @returns whether some slices found a cheaper way */
function reroute(room: Room, course: Course, slice: number, count: number, ways: Ways, uplinks: Uplinks): boolean {
  const before = course.trees[slice];
  if (before === undefined) return false;
  const bps = (course.rate * count) / SLICE_COUNT;
  uplinks.carry(before, -bps);
  const found = ways.cheapest(course, bps);
  const fewer = ways.tolls(before) - ways.tolls(found);
  const isBetter =
    fewer > 0 ||
    (fewer === 0 &&
      !sameTree(before, found) &&
      costWith(found, before, room, bps, uplinks) < costWith(before, found, room, bps, uplinks) * (1 - ROUNDING));
  if (isBetter) course.trees.fill(found, slice, slice + count);
  uplinks.carry(isBetter ? found : before, bps);
  return isBetter;
}

/** What all senders of a tree and of another one send costs while the first one carries some slices. */
function costWith(tree: Tree, other: Tree, room: Room, bps: number, uplinks: Uplinks): number {
  uplinks.carry(tree, bps);
  let cost = hopsCost(room, tree) * bps;
  for (const { peer } of tree.loads) cost += uplinks.cost(peer);
  for (const { peer } of other.loads) if (!tree.loads.some((load) => load.peer === peer)) cost += uplinks.cost(peer);
  uplinks.carry(tree, -bps);
  return cost;
}
