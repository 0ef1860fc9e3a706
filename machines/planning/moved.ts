/** How many legs of what runs a packing would move: told from numbers, before anybody is named. */
import { SLICE_COUNT, sliceBit } from '../slices.ts';
import { type Incumbent, type Incumbents, slicesDirect } from './incumbents.ts';
import type { Task } from './task.ts';

/** Of all sources that need relays. */
export function movedLegs(tasks: ReadonlyMap<number, Task>, keep: Incumbents): number {
  let moved = 0;
  for (const [source, task] of tasks) {
    const running = keep.of(source);
    if (running !== undefined) moved += movedOf(task, running);
  }
  return moved;
}

function movedOf(task: Task, running: Incumbent): number {
  let moved = 0;
  for (const { relay, legs } of running.fans) {
    const now = task.fans.get(relay);
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) moved += Math.max(0, (legs[slice] ?? 0) - (now?.[slice] ?? 0));
  }
  const taken = takenDirect(task, running);
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    moved += Math.max(0, (running.direct[slice] ?? 0) + (taken[slice] ?? 0) - (task.direct[slice] ?? 0));
  }
  return moved;
}

/** By slice: relays that do not get it direct now, each of which takes somebody's direct copy. */
function takenDirect({ fans }: Task, running: Incumbent): number[] {
  const taken = new Array<number>(SLICE_COUNT).fill(0);
  for (const [relay, legs] of fans) {
    const direct = slicesDirect(running, relay);
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      if ((legs[slice] ?? 0) > 0 && (direct & sliceBit(slice)) === 0) taken[slice] = (taken[slice] ?? 0) + 1;
    }
  }
  return taken;
}
