/** Where the legs of all sources go while some run already: each keeps what it can, and what is new finds a place in between. */
import { extendKept, sendRest, takeKnownRelay } from './extending.ts';
import type { Incumbent, Incumbents } from './incumbents.ts';
import { place } from './placing.ts';
import { keepRunning } from './retaining.ts';
import type { Room } from './room.ts';
import type { SpareUpload } from './spare.ts';
import type { Task } from './task.ts';
import { makeRoom } from './yielding.ts';

/** Where not all can stay: which of two sources keeps its legs. */
type KeepOrder = (a: Task, b: Task) => number;

/** What costs least stays: fewer legs have to go for as much upload. A source of few copies loses all legs of a slice or none. */
export const fewestCopiesFirst: KeepOrder = (a, b) => a.unitBps - b.unitBps || a.copies - b.copies;

/** A source of many copies needs no more of a relay than it keeps, where one of few must have it carry the newcomer's leg too. */
const mostCopiesFirst: KeepOrder = (a, b) => a.unitBps - b.unitBps || b.copies - a.copies;

export const KEEP_ORDERS: readonly KeepOrder[] = [fewestCopiesFirst, mostCopiesFirst];

/**
 * @param tasks sources that need relays, least flexible first
 * @param onlyComplete whether it is of no use if any leg stays open
 * @returns whether no leg is open any more
 */
export function placeAround(
  room: Room,
  tasks: readonly Task[],
  spare: SpareUpload,
  keep: Incumbents,
  order: KeepOrder,
  onlyComplete: boolean,
): boolean {
  const running = new Map<Task, Incumbent>();
  for (const task of tasks) {
    const now = keep.of(task.source);
    if (now !== undefined) running.set(task, now);
  }
  for (const [task, now] of [...running].sort(([a], [b]) => order(a, b))) keepRunning(room, task, now, spare);
  // What a relay has left is worth most to those that it serves already: nobody else takes it before they have what they need.
  for (const [task, now] of running) extendKept(task, now, spare);
  let complete = true;
  for (const task of tasks) {
    const now = running.get(task);
    if (now !== undefined) {
      takeKnownRelay(room, task, now, spare);
      if (sendRest(task)) continue;
    }
    if (place(room, task, spare) || makeRoom(room, task, tasks, spare)) continue;
    complete = false;
    if (onlyComplete) break;
  }
  return complete;
}
