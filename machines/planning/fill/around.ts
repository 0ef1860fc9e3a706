/** Where the legs of all streams go around what runs now: as few ways as possible move, and few wait for others to move first. */
import { type Room, sum } from '../room.ts';
import { extendKept, keepRunning, sendRest, takeKnownRelay } from './keep.ts';
import { makeWay } from './make-way.ts';
import { place } from './place.ts';
import type { Running, RunningStream } from './running.ts';
import type { SpareUpload } from './spare.ts';
import { legsOn, type Task } from './task.ts';

/** Whether streams of several relays leave one to a stream that finds no other: more ways move, and rates are higher. */
export type KeepEffort = 'keep all' | 'make way';

/**
 * Each stream keeps what it can of how it runs, and what is new finds a place in between.
 *
 * @param tasks the least flexible first
 * @returns whether no leg stays open
 */
export function placeAround(
  room: Room,
  tasks: readonly Task[],
  spare: SpareUpload,
  running: Running,
  effort: KeepEffort,
): boolean {
  const kept = tasks.flatMap((task) => {
    const now = running.of(task.stream);
    return now === undefined ? [] : [{ task, now }];
  });
  for (const { task, now } of [...kept].sort((a, b) => cheapestFirst(a.task, b.task)))
    keepRunning(room, task, now, spare);
  // What a relay has left is worth most to those that it serves already: nobody else takes it before they have what they need.
  for (const { task, now } of kept) extendKept(task, now, spare);
  const leaving = new Leaving(spare);
  return tasks.every((task, turn) => {
    const now = running.of(task.stream);
    if (now !== undefined) {
      takeKnownRelay(room, task, now, spare);
      if (sendRest(task)) return true;
    }
    const placed =
      place(room, task, spare) ||
      (leaving.show() && place(room, task, spare)) ||
      (effort === 'make way' && makeWay(room, task, tasks.slice(turn + 1), spare));
    if (now !== undefined) leaving.hide(task, now);
    return placed;
  });
}

/** What costs least stays: fewer legs have to go for as much upload. A stream of few copies loses all legs of a slice or none. */
function cheapestFirst(a: Task, b: Task): number {
  return Number(b.audio) - Number(a.audio) || a.unitBps - b.unitBps || a.copies - b.copies;
}

/**
 * Upload that a stream leaves is free only when it has left. Who takes it must wait, for ever where two wait for each other: others
 * get it last.
 */
class Leaving {
  readonly #spare: SpareUpload;
  /** By relay, bit/s. */
  readonly #hidden = new Map<number, number>();

  constructor(spare: SpareUpload) {
    this.#spare = spare;
  }

  /** What this stream is about to leave counts as taken. */
  hide(task: Task, { fans }: RunningStream): void {
    for (const { relay, legs } of fans) {
      const left = Math.min((sum(legs) - legsOn(task, relay)) * task.unitBps, this.#spare.of(relay));
      if (left <= 0) continue;
      this.#spare.spend(relay, left);
      this.#hidden.set(relay, (this.#hidden.get(relay) ?? 0) + left);
    }
  }

  /** @returns whether anything was hidden */
  show(): boolean {
    const some = this.#hidden.size > 0;
    for (const [relay, bps] of this.#hidden) this.#spare.giveBack(relay, bps);
    this.#hidden.clear();
    return some;
  }
}
