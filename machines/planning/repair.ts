/**
 * The last resort where placing source by source leaves legs over although upload is left: what is left lies in pieces too small
 * for a leg, and legs that are placed already move together, each to where there is room for it, until the pieces make a whole.
 * A peer with upload to spare may then even have its own stream relayed. These are augmenting paths, searched a few moves deep.
 */
import { SLICE_COUNT } from '../slices.ts';
import { type Room, wantsSource } from './room.ts';
import { openLegs, relaysIn, type Task, wholeSteps } from './task.ts';

/** Instead of a sender: legs that nobody carries yet. */
const NOBODY = -1;
/** Legs that move for one leg to find a place. Deeper searches find next to nothing more. */
const MOST_MOVES = 4;
/** Moves tried, for all legs together: keeps the search to some milliseconds, whatever the room. */
const MOST_TRIALS = 2_000;
/** Rounding of sums, as a part of the upload. */
const ROUNDING = 1e-9;

interface Move {
  readonly task: Task;
  readonly slice: number;
  /** Who sends the legs: a relay, the source itself, or NOBODY. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What is left at every peer, by index, bit/s; below 0 only while a search is under way. */
export interface UploadLeft {
  readonly usable: number[];
  /** Of what the peer lends. */
  readonly lent: number[];
}

/**
 * Put the legs that are still open somewhere, moving others for them.
 *
 * @param tasks every source that somebody receives, also those that no relay is needed for; changed in place
 * @returns whether no leg is open any more
 */
export function repair(room: Room, tasks: readonly Task[], left: UploadLeft): boolean {
  if (!enoughLeft(tasks, left)) return false;
  const search = new Search(room, tasks, left);
  for (let depth = 1; depth <= MOST_MOVES; depth += 1) {
    if (tasks.every((task) => search.placeOpen(task, depth))) return true;
  }
  return false;
}

/** Moving legs about makes no upload: mostly it is known at once that there is too little. */
function enoughLeft(tasks: readonly Task[], { usable }: UploadLeft): boolean {
  const sizes = tasks.map(({ unitBps }) => unitBps);
  const alike = Math.min(...sizes) === Math.max(...sizes);
  // Where all legs are of one size, less than a leg is of no use to anybody.
  const useful = (bps: number): number => (alike ? wholeSteps(bps / (sizes[0] ?? 1), 1) * (sizes[0] ?? 1) : bps);
  const total = usable.reduce((sum, bps) => sum + useful(Math.max(0, bps)), 0);
  return tasks.reduce((sum, task) => sum + openLegs(task) * task.unitBps, 0) <= total * (1 + ROUNDING);
}

class Search {
  readonly #room: Room;
  readonly #tasks: readonly Task[];
  readonly #left: UploadLeft;
  readonly #made: Move[] = [];
  #trials = MOST_TRIALS;

  constructor(room: Room, tasks: readonly Task[], left: UploadLeft) {
    this.#room = room;
    this.#tasks = tasks;
    this.#left = left;
  }

  /** @returns whether the source has no open legs any more */
  placeOpen(task: Task, depth: number): boolean {
    for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
      while ((task.open[slice] ?? 0) > 0) {
        if (!this.#shed({ task, slice, from: NOBODY, count: 1 }, depth)) return false;
      }
    }
    return true;
  }

  /** Move legs to anybody who has room for them, or who can make it. */
  #shed(legs: Omit<Move, 'to'>, depth: number): boolean {
    const size = legs.count * legs.task.unitBps;
    const targets = this.#room.peers.flatMap((_, to) => (this.#allows({ ...legs, to }) ? [to] : []));
    const lacking = new Map(targets.map((to) => [to, size - this.#roomAt(to, legs.task)]));
    targets.sort((a, b) => (lacking.get(a) ?? 0) - (lacking.get(b) ?? 0) || a - b);
    for (const to of targets) {
      if (this.#trials === 0) return false;
      this.#trials -= 1;
      const mark = this.#made.length;
      this.#make({ ...legs, to });
      if (this.#relieve(to, depth - 1)) return true;
      this.#undoTo(mark);
    }
    return false;
  }

  /** Move legs away from a peer that has more than it can carry. */
  #relieve(peer: number, depth: number): boolean {
    const { usable, lent } = this.#left;
    const rounding = (this.#room.peers[peer]?.usableBps ?? 0) * ROUNDING;
    if ((usable[peer] ?? 0) >= -rounding && (lent[peer] ?? 0) >= -rounding) return true;
    if (depth <= 0) return false;
    for (const legs of this.#legsOf(peer)) {
      const mark = this.#made.length;
      if (this.#shed(legs, depth) && this.#relieve(peer, depth - 1)) return true;
      this.#undoTo(mark);
      if (this.#trials === 0) return false;
    }
    return false;
  }

  /** What a peer could give up: single legs, and all that it forwards of a slice; of slices that are alike the first. */
  *#legsOf(peer: number): Generator<Omit<Move, 'to'>> {
    for (const task of this.#tasks) {
      const counts = task.source === peer ? task.direct : task.fans.get(peer);
      if (counts === undefined || task.bystanders.has(peer)) continue;
      const seen = new Set<string>();
      for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
        const all = counts[slice] ?? 0;
        const kind = [task.direct[slice], ...[...task.fans.values()].map((legs) => legs[slice])].join();
        if (all === 0 || seen.has(kind)) continue;
        seen.add(kind);
        yield { task, slice, from: peer, count: 1 };
        if (all > 1 && task.source !== peer) yield { task, slice, from: peer, count: all };
      }
    }
  }

  /** Every relay gets the slice from the source itself. */
  #allows({ task, slice, from, to, count }: Move): boolean {
    const { source, fans, direct } = task;
    if (to === from) return false;
    if (to === source) return true;
    const relay = this.#room.peers[to];
    if (relay === undefined || relay.lendBps === 0 || task.bystanders.has(to)) return false;
    if (this.#room.peers[source]?.compatible !== true || !wantsSource(this.#room, to, source)) return false;
    const joins = (fans.get(to)?.[slice] ?? 0) === 0 ? 1 : 0;
    const leaves = from !== source && fans.get(from)?.[slice] === count ? 1 : 0;
    const copies = (direct[slice] ?? 0) - (from === source ? count : 0);
    return relaysIn(task, slice) + joins - leaves <= copies;
  }

  #roomAt(peer: number, task: Task): number {
    const usable = this.#left.usable[peer] ?? 0;
    return peer === task.source ? usable : Math.min(usable, this.#left.lent[peer] ?? 0);
  }

  #make(move: Move): void {
    this.#made.push(move);
    this.#add(move, move.from, -move.count);
    this.#add(move, move.to, move.count);
  }

  #undoTo(mark: number): void {
    for (let move = this.#made.length > mark ? this.#made.pop() : undefined; move !== undefined; ) {
      this.#add(move, move.to, -move.count);
      this.#add(move, move.from, move.count);
      move = this.#made.length > mark ? this.#made.pop() : undefined;
    }
  }

  #add({ task, slice }: Move, sender: number, count: number): void {
    const { usable, lent } = this.#left;
    const counts = sender === NOBODY ? task.open : sender === task.source ? task.direct : fanOf(task, sender);
    counts[slice] = (counts[slice] ?? 0) + count;
    if (sender === NOBODY) return;
    usable[sender] = (usable[sender] ?? 0) - count * task.unitBps;
    if (sender !== task.source) lent[sender] = (lent[sender] ?? 0) - count * task.unitBps;
  }
}

function fanOf(task: Task, relay: number): number[] {
  const legs = task.fans.get(relay) ?? new Array<number>(SLICE_COUNT).fill(0);
  task.fans.set(relay, legs);
  return legs;
}
