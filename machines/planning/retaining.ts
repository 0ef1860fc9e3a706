/** What one source keeps of how it runs now: all that its relays can still carry. */
import { SLICE_COUNT } from '../slices.ts';
import type { Incumbent } from './incumbents.ts';
import { throughBystander } from './placing.ts';
import { type Room, wantsSource } from './room.ts';
import type { SpareUpload } from './spare.ts';
import { sum } from './sum.ts';
import { addDirect, capacityOf, type Task } from './task.ts';

/** Legs stay on the relays that forward them now, as far as they are still needed and the relays can still carry them. */
export function keepRunning(room: Room, task: Task, running: Incumbent, spare: SpareUpload): void {
  keepDirect(task, running);
  /** By slice: relays that keep legs of it. */
  const relays = new Array<number>(SLICE_COUNT).fill(0);
  for (const { relay, legs } of running.fans) {
    const budget = capacityOf(task, relay, spare);
    if (!wantsSource(room, relay, task.source)) {
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
function keepDirect(task: Task, running: Incumbent): void {
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
