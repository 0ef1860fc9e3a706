/** Where the two-hop legs of one stream go: first to the relays that it has already, then to those with most spare upload. */
import { SLICE_COUNT } from '../../slices.ts';
import { mayStandBy, type Room, receives } from '../room.ts';
import { DIRECT } from './running.ts';
import type { SpareUpload } from './spare.ts';
import {
  addDirect,
  capacityOf,
  forward,
  forwardRows,
  forwards,
  legsOn,
  openLegs,
  relaysIn,
  spendSlots,
  type Task,
} from './task.ts';

/** Put all open legs of one stream on relays; `false` where that can't be. */
export function place(room: Room, task: Task, spare: SpareUpload): boolean {
  if (task.untouched && placeOnOne(room, task, spare)) return true;
  const found = new Relays(room, task, spare);
  const placed =
    placeWide(task, found) || placeNarrow(task, found) || placeOnBystanders(room, task, found.relays, spare);
  found.settle();
  return placed;
}

/** Who has most upload to spare is mostly enough of a relay. */
function placeOnOne(room: Room, task: Task, spare: SpareUpload): boolean {
  const relay = spare.top();
  const legs = openLegs(task) - task.slots;
  if (relay === undefined || !receives(room, relay, task.stream)) return false;
  if (capacityOf(task, relay, spare) < legs) return false;
  const extra = task.slots;
  task.layLater(() => layRelays(task, extra, [relay], [legs]));
  spare.spend(relay, legs * task.unitBps);
  return true;
}

const NO_RELAYS: ReadonlyMap<number, number> = new Map();

/** The relays of one stream while its legs are placed: those that it has, then those with most spare upload, as asked for. */
class Relays {
  readonly relays: number[] = [];
  /** By position in `relays`: how many legs each could carry when it was found. */
  readonly capacity: number[] = [];
  readonly #room: Room;
  readonly #task: Task;
  readonly #spare: SpareUpload;
  /** By relay that the stream had before: legs that are paid for already. */
  readonly #paid: ReadonlyMap<number, number>;
  #settled = false;
  readonly #taken: number[] = [];

  constructor(room: Room, task: Task, spare: SpareUpload) {
    this.#room = room;
    this.#task = task;
    this.#spare = spare;
    this.#paid = task.untouched
      ? NO_RELAYS
      : new Map([...task.fans.keys()].map((relay) => [relay, legsOn(task, relay)]));
    for (const relay of this.#paid.keys()) {
      if (task.bystanders.has(relay)) continue;
      this.relays.push(relay);
      this.capacity.push(capacityOf(task, relay, spare));
    }
  }

  /** @returns whether there was one more */
  next(): boolean {
    // Every relay is a receiver of the stream.
    if (this.relays.length >= this.#task.receivers) return false;
    for (let relay = this.#spare.take(); relay !== undefined; relay = this.#spare.take()) {
      this.#taken.push(relay);
      const legs = capacityOf(this.#task, relay, this.#spare);
      // They come in the order of what they have left: nobody after this one has more.
      if (legs === 0) return false;
      if (this.#paid.has(relay) || !receives(this.#room, relay, this.#task.stream)) continue;
      this.relays.push(relay);
      this.capacity.push(legs);
      return true;
    }
    return false;
  }

  /** Take so many legs, by position in `relays`, from the upload to spare. */
  pay(legs: readonly number[]): void {
    this.#settled = true;
    for (const [position, relay] of this.relays.entries()) {
      const count = legs[position] ?? 0;
      if (count !== 0) this.#spare.spend(relay, count * this.#task.unitBps);
    }
  }

  /** Take what was placed from the upload to spare, unless that is done. */
  settle(): void {
    if (!this.#settled) {
      this.pay(this.relays.map((relay) => legsOn(this.#task, relay) - (this.#paid.get(relay) ?? 0)));
    }
    for (const relay of this.#taken) this.#spare.put(relay);
  }
}

/** Every relay gets every slice: any of them can then forward any leg. */
function placeWide(task: Task, found: Relays): boolean {
  // What the owner can send beyond whole copies shortens the rows of legs.
  const extra = task.untouched ? task.slots : firstOpen(task, task.slots).length;
  const wanted = openLegs(task) - extra;
  // A bystander may have taken a copy that a relay of this kind would need.
  const copies = task.untouched ? task.copies : Math.min(...task.direct);
  const { relays, capacity } = found;
  let total = 0;
  for (const legs of capacity) total += legs;
  while (total < wanted && relays.length < copies && found.next()) total += capacity.at(-1) ?? 0;
  if (total < wanted || relays.length > copies) return false;
  let left = wanted;
  const budgets = capacity.map((legs) => {
    const budget = Math.min(legs, left);
    left -= budget;
    return budget;
  });
  found.pay(budgets);
  task.layLater(() => layRelays(task, extra, relays, budgets));
  return true;
}

/** @param extra so many of the first slices that are open are sent direct once more */
function layRelays(task: Task, extra: number, relays: readonly number[], legs: readonly number[]): void {
  for (const slice of firstOpen(task, extra)) addDirect(task, slice);
  for (const [position, relay] of relays.entries()) {
    const budget = legs[position] ?? 0;
    if (budget > 0) forwardRows(task, relay, budget);
  }
}

function firstOpen({ open }: Task, count: number): number[] {
  const slices: number[] = [];
  for (let slice = 0; slice < SLICE_COUNT && slices.length < count; slice += 1) {
    if ((open[slice] ?? 0) > 0) slices.push(slice);
  }
  return slices;
}

/** Relays get only the slices that they forward; a slice that two relays share costs the owner a copy more. */
function placeNarrow(task: Task, found: Relays): boolean {
  if (task.step === SLICE_COUNT) return false;
  const { relays, capacity } = found;
  let at = 0;
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    let relaysHere = relaysIn(task, slice);
    while ((task.open[slice] ?? 0) > 0) {
      while (at < relays.length && capacity[at] === 0) at += 1;
      const exhausted = at >= relays.length && !found.next();
      const known = forwards(task, relays[at] ?? DIRECT, slice);
      const full = !known && relaysHere >= (task.direct[slice] ?? 0);
      if (exhausted || full) {
        if (task.slots === 0) return false;
        addDirect(task, slice);
        continue;
      }
      const relay = relays[at];
      const capable = capacity[at] ?? 0;
      if (relay === undefined || capable === 0) continue;
      const open = task.open[slice] ?? 0;
      const lastHere = relaysHere + (known ? 0 : 1) >= (task.direct[slice] ?? 0) && task.slots === 0;
      if (lastHere && capable < open) {
        // Too little for a slice, and no copy to spare for a second relay: of no more use to this stream.
        capacity[at] = 0;
        continue;
      }
      forward(task, relay, slice, Math.min(capable, open));
      capacity[at] = Math.max(0, capable - open);
      if (!known) relaysHere += 1;
    }
  }
  spendSlots(task);
  return true;
}

/** Last of all, relays that do not want it: each costs the owner a copy that serves nobody. */
function placeOnBystanders(room: Room, task: Task, relays: number[], spare: SpareUpload): boolean {
  const candidates = room.peers
    .flatMap((_, peer) => (mayStandBy(room, peer, task.stream) && !relays.includes(peer) ? [peer] : []))
    .sort((a, b) => spare.of(b) - spare.of(a) || a - b);
  for (const relay of candidates) {
    if (openLegs(task) === 0) return true;
    const rows = Math.floor(capacityOf(task, relay, spare) / SLICE_COUNT);
    if (rows === 0) return false;
    if (throughBystander(task, relay, rows) > 0) relays.push(relay);
  }
  return openLegs(task) === 0;
}

/**
 * Send open legs through a relay that does not want them, up to so many of each slice. Where the owner can't afford the copy, one
 * that it sends to a receiver is given up for it.
 *
 * @returns how many legs
 */
export function throughBystander(task: Task, relay: number, rows: number): number {
  let moved = 0;
  task.bystanders.add(relay);
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    const open = task.open[slice] ?? 0;
    if (open === 0) continue;
    if (task.slots > 0) task.slots -= 1;
    else {
      const direct = task.direct[slice] ?? 0;
      if (rows < 2 || direct <= relaysIn(task, slice)) continue;
      task.direct[slice] = direct - 1;
      task.open[slice] = open + 1;
    }
    const count = Math.min(rows, task.open[slice] ?? 0);
    forward(task, relay, slice, count);
    moved += count;
  }
  return moved;
}
