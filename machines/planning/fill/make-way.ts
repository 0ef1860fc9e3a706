/** Where a relay has too little left for the rest of a slice, streams that others relay too leave it some of their legs. */
import { SLICE_COUNT } from '../../slices.ts';
import { mayRelay, type Room } from '../room.ts';
import type { SpareUpload } from './spare.ts';
import { forward, forwards, legsOn, relaysIn, type Task } from './task.ts';

/**
 * For a stream that has found no place for all its legs. Each slice that is open goes to the relay that lacks least for it.
 *
 * @param yielding streams that find their places later, the most flexible last: that one leaves first
 * @returns whether no leg stays open
 */
export function makeWay(room: Room, task: Task, yielding: readonly Task[], spare: SpareUpload): boolean {
  for (let slice = 0; slice < SLICE_COUNT; slice += task.step) {
    const open = task.open[slice] ?? 0;
    if (open === 0) continue;
    const neededBps = open * task.step * task.unitBps;
    const relay = leastLacking(room, task, slice, neededBps, yielding, spare);
    if (relay === undefined) return false;
    for (const other of [...yielding].reverse()) leave(other, relay, neededBps, spare);
    for (let each = slice; each < slice + task.step; each += 1) forward(task, relay, each, open);
    spare.spend(relay, neededBps);
  }
  return true;
}

/** The relay where others have to leave least. */
function leastLacking(
  room: Room,
  task: Task,
  slice: number,
  neededBps: number,
  yielding: readonly Task[],
  spare: SpareUpload,
): number | undefined {
  const isFull = relaysIn(task, slice) >= (task.direct[slice] ?? 0);
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let relay = 0; relay < room.peers.length; relay += 1) {
    const mayTake = forwards(task, relay, slice) || (!isFull && mayRelay(room, relay, task.stream));
    const lacking = neededBps - spare.of(relay);
    if (!mayTake || lacking >= least) continue;
    const couldLeave = yielding.reduce((bps, other) => bps + legsOn(other, relay) * other.unitBps, 0);
    if (couldLeave < lacking) continue;
    best = relay;
    least = lacking;
  }
  return best;
}

/** As many legs of a stream as it takes for a relay to have so much to spare. */
function leave(task: Task, relay: number, bps: number, spare: SpareUpload): void {
  const stepBps = task.step * task.unitBps;
  for (let slice = 0; slice < SLICE_COUNT && spare.of(relay) < bps; slice += task.step) {
    const count = Math.min(task.fans.get(relay)?.[slice] ?? 0, Math.ceil((bps - spare.of(relay)) / stepBps));
    if (count === 0) continue;
    for (let each = slice; each < slice + task.step; each += 1) forward(task, relay, each, -count);
    spare.giveBack(relay, count * stepBps);
  }
  if (legsOn(task, relay) === 0) task.fans.delete(relay);
}
