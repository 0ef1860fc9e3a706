/**
 * A slice that is sent once needs one relay for all its legs, and what relays have left lies in smaller pieces. Where a source finds
 * no place for its last legs, legs of others that have another relay for the same slice go there and make room.
 */
import { SLICE_COUNT } from '../slices.ts';
import { mayRelay, type Room } from './room.ts';
import type { SpareUpload } from './spare.ts';
import { forward, forwards, ROUNDING, relaysIn, type Task } from './task.ts';

/**
 * Put the open legs of a source on relays that others make room at.
 *
 * @param tasks all sources that have relays
 * @returns whether nothing is open any more
 */
export function makeRoom(room: Room, task: Task, tasks: readonly Task[], spare: SpareUpload): boolean {
  if (task.step === SLICE_COUNT) return false;
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    const legs = task.open[slice] ?? 0;
    if (legs === 0) continue;
    const relay = mostSpare(room, task, slice, spare);
    const bps = legs * task.unitBps;
    if (relay === undefined || !yieldTo(task, relay, bps, tasks, spare)) return false;
    forward(task, relay, slice, legs);
    spare.spend(relay, bps);
  }
  return true;
}

/** Who has most upload left of those that may forward a slice. */
function mostSpare(room: Room, task: Task, slice: number, spare: SpareUpload): number | undefined {
  const mayBeNew = relaysIn(task, slice) < (task.direct[slice] ?? 0);
  let best: number | undefined;
  for (const peer of room.peers.keys()) {
    if (spare.of(peer) <= (best === undefined ? 0 : spare.of(best)) || !mayRelay(room, peer, task.source)) continue;
    if (mayBeNew || forwards(task, peer, slice)) best = peer;
  }
  return best;
}

/** A leg that has left one relay for another. */
interface Yielded {
  readonly task: Task;
  readonly slice: number;
  readonly to: number;
}

/** @returns whether a relay has so much upload left now; nothing has changed where it has not */
function yieldTo(taker: Task, relay: number, bps: number, tasks: readonly Task[], spare: SpareUpload): boolean {
  const enoughBps = bps - taker.unitBps * ROUNDING;
  const yielded: Yielded[] = [];
  for (const task of tasks) {
    if (task === taker || task.step === SLICE_COUNT || task.bystanders.size > 0) continue;
    for (const leg of yieldable(task, relay, spare)) {
      if (spare.of(relay) >= enoughBps) return true;
      move(leg, relay, leg.to, spare);
      yielded.push(leg);
    }
  }
  if (spare.of(relay) >= enoughBps) return true;
  for (const leg of yielded) move(leg, leg.to, relay, spare);
  return false;
}

/** The legs of a source that another of its relays can take over, one after the other as they are taken over. */
function* yieldable(task: Task, relay: number, spare: SpareUpload): Generator<Yielded> {
  const legs = task.fans.get(relay);
  if (legs === undefined) return;
  for (const [to, others] of task.fans) {
    if (to === relay) continue;
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if ((others[slice] ?? 0) === 0) continue;
      while ((legs[slice] ?? 0) > 0 && spare.of(to) >= task.unitBps * (1 - ROUNDING)) yield { task, slice, to };
    }
  }
}

function move({ task, slice }: Yielded, from: number, to: number, spare: SpareUpload): void {
  forward(task, from, slice, -1);
  spare.giveBack(from, task.unitBps);
  forward(task, to, slice, 1);
  spare.spend(to, task.unitBps);
}
