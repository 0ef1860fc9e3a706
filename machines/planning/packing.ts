/**
 * Which relay forwards how many legs of which slices, at given rates. Receivers are numbers here, not yet names: in a room
 * where everybody watches everybody it does not matter who is who, and counting keeps the work near N log N.
 *
 * A source that can't send to all of its n receivers sends as many direct copies as it can afford; the other legs are two-hop
 * legs, put on the relays with most spare upload. "Whole" sources count upload in whole copies, "split" ones in sixteenths.
 */
import { SLICE_COUNT } from '../slices.ts';
import { balance } from './balancing.ts';
import type { Incumbent } from './incumbents.ts';
import { loadsOf } from './loads.ts';
import { keepFans, place } from './placing.ts';
import type { Room, RoomPeer } from './room.ts';
import { SpareUpload } from './spare.ts';
import { legsOn, ROUNDING, type Task, taskOf, wholeSteps } from './task.ts';

/** What is asked for of one source. */
export interface Demand {
  /** bit/s */
  readonly rate: number;
  /** How many receivers are to be served. */
  readonly receivers: number;
  /** Whether upload may be counted in sixteenths of the stream. */
  readonly split: boolean;
}

/** What one relay forwards of one source. */
export interface Fan {
  readonly relay: number;
  /** By slice: to how many receivers. */
  readonly legs: readonly number[];
}

/** How one source is sent. */
export interface Share {
  readonly receivers: number;
  /** By slice: how many copies the source itself sends, those to relays included. */
  readonly direct: readonly number[];
  readonly fans: readonly Fan[];
}

/** Whether any receiver gets slices of the source on different paths. */
export function isSplit({ direct, fans }: Pick<Share, 'direct' | 'fans'>): boolean {
  return [direct, ...fans.map((fan) => fan.legs)].some((counts) => counts.some((count) => count !== counts[0]));
}

/** What was placed, and what was not. */
interface Placed {
  readonly tasks: ReadonlyMap<number, Task>;
  readonly complete: boolean;
}

/**
 * @param keep what runs now, by peer index: kept as far as it fits the demands
 * @returns by peer index; `null` where the demands do not fit
 */
export function pack(room: Room, demands: readonly Demand[], keep?: ReadonlyMap<number, Incumbent>): Share[] | null {
  const placed = placeAll(room, demands, true, keep);
  return placed?.complete === true ? sharesOf(demands, placed.tasks) : null;
}

/** The same with more effort: legs that find no place make others move. For rooms that have next to no upload left. */
export function packTight(room: Room, demands: readonly Demand[]): Share[] | null {
  const placed = placeAll(room, demands, false);
  if (placed === null) return null;
  const tasks = demands.flatMap((demand, source) =>
    demand.receivers === 0 || demand.rate === 0
      ? []
      : [placed.tasks.get(source) ?? taskOf(source, demand, demand.receivers * SLICE_COUNT, undefined)],
  );
  const bySource = new Map(tasks.map((task) => [task.source, task]));
  const rates = demands.map(({ rate }) => rate);
  const { own, forwarded } = loadsOf(room, rates, sharesOf(demands, bySource));
  const left = {
    usable: room.peers.map((peer, index) => peer.usableBps - (own[index] ?? 0) - (forwarded[index] ?? 0)),
    lent: room.peers.map((peer, index) => peer.lendBps - (forwarded[index] ?? 0)),
  };
  return placed.complete || balance(room, tasks, left) ? sharesOf(demands, bySource) : null;
}

/**
 * @param onlyComplete whether to stop at the first source whose legs don't all find a place
 * @returns `null` where what the sources lack is more than what is lent, or a source can't send one copy
 */
function placeAll(
  room: Room,
  demands: readonly Demand[],
  onlyComplete: boolean,
  keep?: ReadonlyMap<number, Incumbent>,
): Placed | null {
  const slots: number[] = [];
  const spareBps: number[] = [];
  const needy: number[] = [];
  for (const [source, peer] of room.peers.entries()) {
    const demand = demands[source] ?? NO_DEMAND;
    const affordable = affordableSlots(peer, demand);
    if (affordable === null) return null;
    slots.push(affordable);
    spareBps.push(Math.max(0, Math.min(peer.lendBps, peer.usableBps - (affordable * demand.rate) / SLICE_COUNT)));
    if (affordable < demand.receivers * SLICE_COUNT) needy.push(source);
  }
  // Most that does not fit is known here, before any leg is placed.
  if (!enoughLent(demands, needy, slots, spareBps, onlyComplete)) return null;

  const spare = new SpareUpload(spareBps);
  const tasks = new Map<number, Task>();
  for (const source of needy) {
    tasks.set(source, taskOf(source, demands[source] ?? NO_DEMAND, slots[source] ?? 0, keep?.get(source)));
  }
  const ordered = [...tasks.values()].sort(leastFlexibleFirst);
  const several = ordered.findIndex(({ copies }) => copies > 1);
  const first = several < 0 ? ordered.length : several;
  let complete = true;
  // Who can send only one copy finds no place between what all others keep: in a full room they make way for it, not everybody.
  for (const tasksAlike of [ordered.slice(0, first), ordered.slice(first)]) {
    for (const task of tasksAlike) keepFans(room, task, keep?.get(task.source)?.fans ?? [], spare);
    for (const task of tasksAlike) {
      if (place(room, task, spare)) continue;
      complete = false;
      if (onlyComplete) return { tasks, complete };
    }
  }
  return { tasks, complete };
}

/**
 * Whether what the sources lack is lent at all.
 *
 * @param slots by peer: how many slice copies each sends of its own source
 * @param asPlaced whether sources send just these copies, so that what relays have left in pieces is of no use
 */
function enoughLent(
  demands: readonly Demand[],
  needy: readonly number[],
  slots: readonly number[],
  spareBps: readonly number[],
  asPlaced: boolean,
): boolean {
  let lackingBps = 0;
  let lackingSlots = 0;
  let lackingWhole = 0;
  const rate = demands[needy[0] ?? 0]?.rate ?? 0;
  let alike = asPlaced;
  for (const source of needy) {
    const demand = demands[source] ?? NO_DEMAND;
    const missing = demand.receivers * SLICE_COUNT - (slots[source] ?? 0);
    lackingBps += (missing * demand.rate) / SLICE_COUNT;
    lackingSlots += missing;
    if (!demand.split) lackingWhole += missing;
    alike &&= demand.rate === rate;
  }
  let lentBps = 0;
  let lentSlots = 0;
  let lentWhole = 0;
  for (const bps of spareBps) {
    lentBps += bps;
    if (!alike || bps === 0) continue;
    const units = (bps * SLICE_COUNT) / rate;
    lentSlots += wholeSteps(units, 1);
    lentWhole += wholeSteps(units, SLICE_COUNT);
  }
  if (lackingBps > lentBps * (1 + ROUNDING)) return false;
  // Where all legs are of one size, what a relay has beyond whole ones is of no use.
  return !alike || (lackingSlots <= lentSlots && lackingWhole <= lentWhole);
}

function sharesOf(demands: readonly Demand[], tasks: ReadonlyMap<number, Task>): Share[] {
  // Most sources of a large room send alike.
  const allDirect = new Map<number, Share>();
  return demands.map(({ receivers }, source) => {
    const task = tasks.get(source);
    if (task === undefined) {
      const share = allDirect.get(receivers) ?? shareWithoutRelays(receivers);
      allDirect.set(receivers, share);
      return share;
    }
    const fans = [...task.fans].flatMap(([relay, legs]) => (legsOn(task, relay) > 0 ? [{ relay, legs }] : []));
    return { receivers, direct: task.direct, fans };
  });
}

function shareWithoutRelays(receivers: number): Share {
  return { receivers, direct: new Array<number>(SLICE_COUNT).fill(receivers), fans: [] };
}

const NO_DEMAND: Demand = { rate: 0, receivers: 0, split: false };

/** How many slice copies a source sends itself; `null`: not even one of each slice, or too few for one that has no relays. */
function affordableSlots(peer: RoomPeer, { rate, receivers, split }: Demand): number | null {
  const all = receivers * SLICE_COUNT;
  if (all === 0 || rate === 0) return all;
  const step = split && peer.compatible ? 1 : SLICE_COUNT;
  const slots = Math.min(all, wholeSteps((peer.usableBps * SLICE_COUNT) / rate, step));
  if (slots < SLICE_COUNT || (slots < all && !peer.compatible)) return null;
  return slots;
}

/** Who can send only one copy must find relays that carry whole slices; who can send several fills the gaps that others leave. */
function leastFlexibleFirst(a: Task, b: Task): number {
  return a.copies - b.copies || b.lackingBps - a.lackingBps || a.source - b.source;
}
