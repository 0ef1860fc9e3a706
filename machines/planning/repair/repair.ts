/**
 * The last resort where placing stream by stream leaves legs over although upload is left: what is left lies in pieces too small
 * for a leg. The legs go to somebody all the same; then peers that have too much exchange legs with others until nobody has, and
 * what others have left is gathered at one of them where no exchange is enough. Audio stays where it is.
 */
import { SLICE_COUNT } from '../../slices.ts';
import { openLegs, type Task, wholeSteps } from '../fill/task.ts';
import { mayRelay, type Room, sum } from '../room.ts';
import type { UploadLeft } from '../share.ts';
import { bestExchange, type Choice, type Effort, type Goal, type Left, overloadOf } from './exchange.ts';
import { layOut } from './lay-out.ts';

/** Exchanges weighed for a room: keeps the search to some tens of milliseconds. */
const MOST_EFFORT = 400_000;
/** Looking whether legs can move at all costs as much as weighing so many exchanges. */
const MOVE_EFFORT = 20;
/** Rounding of sums, as a part of the upload. */
const ROUNDING = 1e-9;

/**
 * Put the legs that are still open somewhere, moving others for them.
 *
 * @param tasks every stream that somebody receives, also those that no relay is needed for; changed only where it succeeds
 * @returns whether no leg is open any more
 */
export function repair(room: Room, tasks: readonly Task[], left: UploadLeft): boolean {
  // Where a copy serves nobody, as that to a relay that does not want it, counting legs is not enough: such a stream stays as it is.
  const plain = tasks.filter(({ whole, bystanders }) => !whole && bystanders.size === 0);
  const stuck = tasks.some((task) => !plain.includes(task) && openLegs(task) > 0);
  if (stuck || !enoughLeft(tasks, left)) return false;
  const sendings = plain.map(sendingOf);
  const balance = new Balance(room, sendings, left, { left: MOST_EFFORT });
  for (const [index, task] of plain.entries()) {
    const sending = sendings[index];
    if (sending !== undefined) putOpen(balance, task, sending);
  }
  return balance.run() && layOutAll(plain, sendings);
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

/** One stream while its legs change hands. */
export interface Sending {
  readonly stream: number;
  readonly owner: number;
  readonly receivers: number;
  /** What a leg of a slice costs, bit/s. */
  readonly unitBps: number;
  /** How many legs stay with the owner itself. */
  readonly leastOwn: number;
  /** By sender, the owner itself or a relay: how many legs it sends, and how many it did before any changed hands. */
  readonly legs: Map<number, number>;
  readonly before: ReadonlyMap<number, number>;
  /** Whether legs that are shared out so can be laid on slices as they ought to be. */
  readonly layable: (legs: ReadonlyMap<number, number>) => boolean;
}

function sendingOf(task: Task): Sending {
  const { stream, owner, receivers, unitBps } = task;
  const before = legsBySender(owner, task.direct, task.fans);
  const layable: Sending['layable'] = (moved) => {
    // Where every slice has as many direct copies as legs to forward, each leg may have a relay of its own.
    if (2 * Math.floor((moved.get(owner) ?? 0) / SLICE_COUNT) >= receivers) return true;
    return layOut(owner, receivers, moved) !== null;
  };
  // An owner always sends one copy itself.
  return { stream, owner, receivers, unitBps, leastOwn: SLICE_COUNT, legs: new Map(before), before, layable };
}

export function legsBySender(
  owner: number,
  direct: readonly number[],
  fans: Iterable<readonly [relay: number, legs: readonly number[]]>,
): Map<number, number> {
  const legs = new Map<number, number>();
  for (const [relay, counts] of fans) legs.set(relay, sum(counts));
  return legs.set(owner, sum(direct));
}

/** Whether legs of this stream have another sender than before. */
export function hasMoved({ legs, before }: Sending): boolean {
  return [...legs].some(([sender, count]) => count !== (before.get(sender) ?? 0));
}

/** All open legs of a stream go to the peer with most upload left, even if that is too little. */
function putOpen(balance: Balance, task: Task, sending: Sending): void {
  const open = openLegs(task);
  if (open === 0) return;
  const taker = balance.byMostLeft(task.owner).find((peer) => balance.canMove(sending, null, peer, open));
  balance.move(sending, null, taker ?? task.owner, open);
}

/** @returns whether the legs could be laid on slices */
function layOutAll(tasks: readonly Task[], sendings: readonly Sending[]): boolean {
  const layouts = sendings.map(({ owner, receivers, legs }) => layOut(owner, receivers, legs));
  if (layouts.includes(null)) return false;
  for (const [index, task] of tasks.entries()) {
    const sending = sendings[index];
    if (sending !== undefined && !hasMoved(sending)) continue;
    task.direct.splice(0, SLICE_COUNT, ...(layouts[index]?.direct ?? []));
    task.open.fill(0);
    task.fans.clear();
    for (const [relay, legs] of layouts[index]?.fans ?? []) task.fans.set(relay, legs);
  }
  return true;
}

/** Legs change hands until nobody sends too much. */
export class Balance {
  readonly #room: Room;
  readonly #sendings: readonly Sending[];
  readonly #left: UploadLeft;
  readonly #effort: Effort;

  /** @param sendings and @param left change with every leg that moves */
  constructor(room: Room, sendings: readonly Sending[], left: UploadLeft, effort: Effort) {
    this.#room = room;
    this.#left = left;
    this.#sendings = sendings;
    this.#effort = effort;
  }

  /** @returns whether nobody sends too much any more */
  run(): boolean {
    const peers = this.#room.peers.map((_, index) => index);
    let quiet = 0;
    for (let round = 0; this.#effort.left > 0 && quiet < peers.length; round += 1) {
      const full = peers.filter((peer) => this.#overload(peer) > 0);
      if (full.length === 0) return true;
      full.sort((a, b) => this.#overload(b) - this.#overload(a) || a - b);
      quiet = full.filter((peer) => this.#relieve(peer, round)).length > 0 ? 0 : quiet + 1;
    }
    return false;
  }

  /** @returns whether any leg moved */
  #relieve(peer: number, round: number): boolean {
    const others = this.byMostLeft(peer);
    let moved = false;
    for (const other of others) {
      if (this.#exchange(peer, other, 'relieve')) moved = true;
      if (this.#overload(peer) === 0) return moved;
    }
    // Not enough anywhere: next time there may be at one of the others, another one each round.
    const gatherer = others[round % others.length];
    for (const other of others) {
      if (gatherer === undefined || other === gatherer) continue;
      if (this.#exchange(gatherer, other, 'gather')) moved = true;
    }
    return moved;
  }

  #exchange(giver: number, taker: number, goal: Goal): boolean {
    if (this.#effort.left <= 0) return false;
    const choices = this.#sendings.flatMap((sending) => this.#choicesOf(sending, giver, taker));
    if (choices.length === 0) return false;
    const exchange = bestExchange(this.#leftAt(giver), this.#leftAt(taker), choices, goal, this.#effort);
    for (const sending of this.#sendings) {
      this.move(sending, giver, taker, exchange?.get(sending.stream) ?? 0);
    }
    return exchange !== null;
  }

  #choicesOf(sending: Sending, giver: number, taker: number): Choice[] {
    const { stream, owner: sender, unitBps, leastOwn, legs } = sending;
    if (!this.#maySend(sending, giver) || !this.#maySend(sending, taker)) return [];
    const most = (peer: number): number => (legs.get(peer) ?? 0) - (peer === sender ? leastOwn : 0);
    const counts = [0];
    for (let size = 1; size <= Math.max(most(giver), most(taker)); size += 1) {
      if (size <= most(giver) && this.canMove(sending, giver, taker, size)) counts.push(size);
      if (size <= most(taker) && this.canMove(sending, taker, giver, size)) counts.push(-size);
    }
    if (counts.length === 1) return [];
    const owner = sender === giver ? 'giver' : sender === taker ? 'taker' : 'other';
    return [{ stream, unitBps, counts, owner }];
  }

  #maySend({ stream, owner }: Sending, peer: number): boolean {
    if (peer === owner) return true;
    const { peers } = this.#room;
    return (peers[peer]?.lendBps ?? 0) > 0 && peers[owner]?.compatible === true && mayRelay(this.#room, peer, stream);
  }

  /** @param from `null`: legs that nobody has sent yet */
  canMove(sending: Sending, from: number | null, to: number, count: number): boolean {
    const { owner, receivers, legs, layable } = sending;
    if (!this.#maySend(sending, to)) return false;
    const moved = new Map(legs);
    if (from !== null) moved.set(from, (moved.get(from) ?? 0) - count);
    moved.set(to, (moved.get(to) ?? 0) + count);
    this.#effort.left -= MOVE_EFFORT;
    // Every relay is a receiver, of whom there may be fewer than want the stream.
    let relays = -1;
    for (const count of moved.values()) if (count > 0) relays += 1;
    if (relays > receivers) return false;
    return (moved.get(owner) ?? 0) <= receivers * SLICE_COUNT && layable(moved);
  }

  move({ owner, unitBps, legs }: Sending, from: number | null, to: number, count: number): void {
    const add = (sender: number, more: number): void => {
      legs.set(sender, (legs.get(sender) ?? 0) + more);
      const { usable, lent } = this.#left;
      usable[sender] = (usable[sender] ?? 0) - more * unitBps;
      if (sender !== owner) lent[sender] = (lent[sender] ?? 0) - more * unitBps;
    };
    if (count === 0) return;
    if (from !== null) add(from, -count);
    add(to, count);
  }

  #leftAt(peer: number): Left {
    const rounding = (this.#room.peers[peer]?.usableBps ?? 0) * ROUNDING;
    return { usable: this.#left.usable[peer] ?? 0, lent: this.#left.lent[peer] ?? 0, rounding };
  }

  #overload(peer: number): number {
    return overloadOf(this.#leftAt(peer));
  }

  /** Everybody but one peer. */
  byMostLeft(except: number): number[] {
    const left = this.#room.peers.map((_, peer) => Math.min(this.#left.usable[peer] ?? 0, this.#left.lent[peer] ?? 0));
    const others = left.flatMap((_, peer) => (peer === except ? [] : [peer]));
    return others.sort((a, b) => (left[b] ?? 0) - (left[a] ?? 0) || a - b);
  }
}
