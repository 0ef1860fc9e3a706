/** What one stream keeps of how it runs now, and where the legs go that it needs beyond those: as few ways as possible move. */
import { SLICE_COUNT, sliceBit } from '../../slices.ts';
import { mayRelay, mayStandBy, type Room, receives, sum } from '../room.ts';
import { throughBystander } from './place.ts';
import { type RunningStream, slicesDirect } from './running.ts';
import type { SpareUpload } from './spare.ts';
import { addDirect, capacityOf, forward, forwards, legsOn, openLegs, relaysIn, type Task } from './task.ts';

/** Legs stay on the relays that forward them now, as far as they are still needed and the relays can still carry them. */
export function keepRunning(room: Room, task: Task, running: RunningStream, spare: SpareUpload): void {
  keepDirect(task, running);
  /** By slice: relays that keep legs of it. */
  const relays = new Array<number>(SLICE_COUNT).fill(0);
  for (const { relay, legs } of running.fans) {
    // Every relay is a receiver, of whom there may be fewer than there were.
    if (task.fans.size >= task.receivers) return;
    const budget = capacityOf(task, relay, spare);
    if (!receives(room, relay, task.stream)) {
      if (!mayStandBy(room, relay, task.stream)) continue;
      const rows = Math.min(Math.max(...legs), Math.floor(budget / SLICE_COUNT));
      spare.spend(relay, throughBystander(task, relay, rows) * task.unitBps);
      continue;
    }
    const kept = keptLegs(task, legs, budget, relays);
    const total = sum(kept);
    if (total === 0) continue;
    kept.forEach((count, slice) => {
      task.open[slice] = (task.open[slice] ?? 0) - count;
      if (count > 0) relays[slice] = (relays[slice] ?? 0) + 1;
    });
    task.fans.set(relay, kept);
    spare.spend(relay, total * task.unitBps);
  }
}

/** What the source can send beyond whole copies stays with the slices that have more copies now. */
function keepDirect(task: Task, running: RunningStream): void {
  running.direct.forEach((count, slice) => {
    while (task.slots > 0 && (task.direct[slice] ?? 0) < count && (task.open[slice] ?? 0) > 0) addDirect(task, slice);
  });
  if (task.copies > 1) return;
  // The one relay of a slice that is sent once must forward all the rest of it: which slices these are must be known at once.
  for (let slice = 0; slice < SLICE_COUNT && task.slots > 0; slice += 1) {
    if (task.direct[slice] === 1 && (task.open[slice] ?? 0) > 0) addDirect(task, slice);
  }
}

/**
 * @param legs by slice: what a relay forwards now
 * @param budget how many legs it can carry
 * @param relays by slice: how many others have kept legs of it
 * @returns by slice: what it goes on forwarding
 */
function keptLegs(task: Task, legs: readonly number[], budget: number, relays: readonly number[]): number[] {
  const { direct, open, copies, step } = task;
  const rows = step === 1 ? 0 : keptRows(task, legs, budget);
  let left = budget;
  return legs.map((running, slice) => {
    if ((relays[slice] ?? 0) >= (direct[slice] ?? 0)) return 0;
    const wanted = open[slice] ?? 0;
    let count = Math.min(step === 1 ? running : rows, wanted, left);
    if (step === 1 && copies === 1 && direct[slice] === 1) count = forEverybody(running, wanted, left);
    left -= count;
    return count;
  });
}

/** The same for a stream that is not split, of every slice. */
function keptRows({ open, copies }: Task, legs: readonly number[], budget: number): number {
  const rows = Math.floor(budget / SLICE_COUNT);
  const running = Math.min(...legs);
  return copies === 1 ? forEverybody(running, open[0] ?? 0, rows) : Math.min(running, rows);
}

/**
 * Where a slice is sent once its relay forwards it to everybody, newcomers included: one that can't is no relay for it, and one that
 * forwards it to less than half of them now does more for others with what that takes.
 */
function forEverybody(running: number, wanted: number, budget: number): number {
  return 2 * running >= wanted && wanted <= budget ? wanted : 0;
}

/**
 * Open legs go to relays that the source has: of slices that they forward, for which nothing moves, then of slices that they get
 * direct.
 */
export function extendKept(task: Task, running: RunningStream, spare: SpareUpload): void {
  if (wanted(task) <= 0) return;
  const mostFirst = [...task.fans.keys()]
    .filter((relay) => !task.bystanders.has(relay) && capacityOf(task, relay, spare) > 0)
    .sort((a, b) => spare.of(b) - spare.of(a) || a - b);
  for (const relay of mostFirst) extend(task, relay, spare, (slice) => forwards(task, relay, slice));
  if (task.step === SLICE_COUNT || wanted(task) <= 0) return;
  for (const relay of mostFirst) {
    const direct = slicesDirect(running, relay);
    extend(task, relay, spare, (slice) => (direct & sliceBit(slice)) !== 0);
  }
}

/** @param isFit the slices that this relay may carry more legs of */
function extend(task: Task, relay: number, spare: SpareUpload, isFit: (slice: number) => boolean): void {
  const budget = Math.min(capacityOf(task, relay, spare), wanted(task));
  const mostOfSlice = task.step === 1 ? budget : Math.floor(budget / SLICE_COUNT);
  let left = budget;
  // What the source can send beyond whole copies goes to the first slices that are open.
  for (let slice = SLICE_COUNT - 1; slice >= 0 && left > 0; slice -= 1) {
    const legs = Math.min(task.open[slice] ?? 0, mostOfSlice, left);
    if (legs === 0 || !isFit(slice) || !mayForward(task, relay, slice, legs)) continue;
    forward(task, relay, slice, legs);
    left -= legs;
  }
  spare.spend(relay, (budget - left) * task.unitBps);
}

/** The last relay that a slice can have must carry all the rest of it. */
function mayForward(task: Task, relay: number, slice: number, legs: number): boolean {
  if (forwards(task, relay, slice)) return true;
  const more = (task.direct[slice] ?? 0) - relaysIn(task, slice);
  return more > 1 || (more === 1 && legs === task.open[slice]);
}

/**
 * Before a source takes a new relay: slices that can have no more relays lose the one that forwards least of them, and all that is
 * open goes to a peer that gets these slices direct already, if one can carry it.
 */
export function takeKnownRelay(room: Room, task: Task, running: RunningStream, spare: SpareUpload): void {
  if (wanted(task) <= 0) return;
  dropLeastRelays(task, spare);
  const legs = wanted(task);
  const open = slicesLeftOpen(task);
  let best: number | undefined;
  for (const { from, to } of running.directTo) {
    for (let peer = from; peer < to; peer += 1) {
      if (best !== undefined && (spare.of(best) - spare.of(peer) || peer - best) >= 0) continue;
      if (task.fans.has(peer) || capacityOf(task, peer, spare) < legs) continue;
      if (mayRelay(room, peer, task.stream) && (open & ~slicesDirect(running, peer)) === 0) best = peer;
    }
  }
  if (best !== undefined) extend(task, best, spare, () => true);
}

/** A slice that has as many relays as copies can go to no other one, and those that it has are full. */
function dropLeastRelays(task: Task, spare: SpareUpload): void {
  let { slots } = task;
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    if ((task.open[slice] ?? 0) === 0 || relaysIn(task, slice) < (task.direct[slice] ?? 0)) continue;
    // One copy more and there is a place for one relay more.
    if (slots > 0) slots -= 1;
    else dropLeastRelay(task, slice, spare);
  }
}

function dropLeastRelay(task: Task, slice: number, spare: SpareUpload): void {
  const legsOf = (relay: number): number => task.fans.get(relay)?.[slice] ?? 0;
  const [least] = [...task.fans.keys()]
    .filter((relay) => legsOf(relay) > 0 && !task.bystanders.has(relay))
    .sort((a, b) => legsOf(a) - legsOf(b));
  if (least === undefined) return;
  spare.giveBack(least, legsOf(least) * task.unitBps);
  forward(task, least, slice, -legsOf(least));
  if (legsOn(task, least) === 0) task.fans.delete(least);
}

/**
 * Where a source can send all that is open itself, it does, and no more than that: a leg that is on a relay stays there.
 *
 * @returns whether nothing is open any more
 */
export function sendRest(task: Task): boolean {
  if (wanted(task) > 0) return false;
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    while ((task.open[slice] ?? 0) > 0) addDirect(task, slice);
  }
  return true;
}

/** How many open legs need relays. */
function wanted(task: Task): number {
  return openLegs(task) - task.slots;
}

/** The slices of which legs are open when the source sends what it can beyond whole copies. */
function slicesLeftOpen({ open, slots }: Task): number {
  let mask = 0;
  let extra = slots;
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    const legs = open[slice] ?? 0;
    const isExtra = legs > 0 && extra > 0;
    if (isExtra) extra -= 1;
    if (legs > (isExtra ? 1 : 0)) mask |= sliceBit(slice);
  }
  return mask;
}
