/**
 * Which relay forwards how many legs of which slices, at given rates. Receivers are numbers here, not yet names: in a room
 * where everybody watches everybody it does not matter who is who, and counting keeps the work near N log N.
 *
 * A source that can't send to all of its n receivers sends as many direct copies as it can afford; the other legs are two-hop
 * legs, put on the relays with most spare upload. "Whole" sources count upload in whole copies, "split" ones in sixteenths.
 */
import { SLICE_COUNT } from '../slices.ts';
import { balanceOpen } from './balancing.ts';
import { fewestCopiesFirst, KEEP_ORDERS, placeAround } from './fitting.ts';
import type { Incumbents } from './incumbents.ts';
import { leftOf } from './loads.ts';
import { movedLegs } from './moved.ts';
import { place } from './placing.ts';
import type { Room } from './room.ts';
import type { Share } from './share.ts';
import { SpareUpload } from './spare.ts';
import { legsOn, openLegs, ROUNDING, Task, wholeSteps } from './task.ts';

/** What is asked for of the sources. Each is to serve its whole audience. */
export interface Demands {
  /** By peer index, bit/s. */
  readonly rates: readonly number[];
  /** Whether a source's upload may be counted in sixteenths of the stream; asked only of those that need relays. */
  readonly split: (source: number) => boolean;
}

/** What was placed, and what was not. */
interface Placed {
  readonly tasks: ReadonlyMap<number, Task>;
  readonly complete: boolean;
}

/** A packing that fits: its shares are made only if they are asked for. */
export class Packing {
  readonly rates: readonly number[];
  readonly #room: Room;
  readonly #tasks: ReadonlyMap<number, Task>;

  constructor(room: Room, rates: readonly number[], tasks: ReadonlyMap<number, Task>) {
    this.#room = room;
    this.rates = rates;
    this.#tasks = tasks;
  }

  get shares(): Share[] {
    return sharesOf(this.#room, this.#tasks);
  }
}

/**
 * @param keep what runs now: kept as far as it fits the demands
 * @returns `null` where the demands do not fit
 */
export function pack(room: Room, demands: Demands, keep?: Incumbents): Packing | null {
  const placed =
    keep === undefined
      ? placeAll(room, demands, true, (tasks, spare) => tasks.every((task) => place(room, task, spare)))
      : placeFewestMoved(room, demands, keep);
  return placed && new Packing(room, demands.rates, placed.tasks);
}

/** Peers of the largest room in which orders are compared: in larger ones they come to the same, and time is short. */
const MOST_COMPARED = 32;

/** Which sources keep first decides who makes way: neither order is the better one in every room. */
function placeFewestMoved(room: Room, demands: Demands, keep: Incumbents): Placed | null {
  let best: Placed | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const order of room.peers.length > MOST_COMPARED ? [fewestCopiesFirst] : KEEP_ORDERS) {
    const placed = placeAll(room, demands, true, (tasks, spare) => placeAround(room, tasks, spare, keep, order, true));
    if (placed === null) return best;
    const moved = movedLegs(placed.tasks, keep);
    if (moved < fewest) best = placed;
    fewest = Math.min(fewest, moved);
    if (fewest === 0) return best;
  }
  return best;
}

/** Exchanges weighed for a room: keeps the search to some tens of milliseconds. */
const MOST_EFFORT = 400_000;
/** Where what runs is kept it can be given up: a few milliseconds are enough, since every change of the room asks for it. */
const EFFORT_TO_KEEP = 40_000;

/** The same with more effort: legs that find no place make others move. For rooms that have next to no upload left. */
export function packTight(room: Room, rates: readonly number[], keep?: Incumbents): Packing | null {
  const placed = placeAll(room, { rates, split: () => true }, false, (tasks, spare) =>
    keep === undefined
      ? tasks.filter((task) => !place(room, task, spare)).length === 0
      : placeAround(room, tasks, spare, keep, fewestCopiesFirst, false),
  );
  if (placed === null) return null;
  const tasks = room.peers.flatMap(({ audience }, source) => {
    const rate = rates[source] ?? 0;
    if (audience === 0 || rate === 0) return [];
    return [placed.tasks.get(source) ?? new Task(source, audience, rate, true, audience * SLICE_COUNT)];
  });
  const packing = new Packing(room, rates, new Map(tasks.map((task) => [task.source, task])));
  if (placed.complete) return packing;
  const left = leftOf(room, rates, packing.shares);
  return balanceOpen(room, tasks, left, keep === undefined ? MOST_EFFORT : EFFORT_TO_KEEP) ? packing : null;
}

/** Puts legs on relays; returns whether none is open any more. */
type PlaceLegs = (tasks: readonly Task[], spare: SpareUpload) => boolean;

/**
 * @param onlyComplete whether legs that find no place make it fail
 * @param placeLegs given the sources that need relays, least flexible first
 * @returns `null` where that is so, what the sources lack is more than what is lent, or a source can't send one copy
 */
function placeAll(room: Room, demands: Demands, onlyComplete: boolean, placeLegs: PlaceLegs): Placed | null {
  const spareBps: number[] = [];
  const needy: Task[] = [];
  for (const [source, { usableBps, lendBps, audience, compatible }] of room.peers.entries()) {
    const rate = demands.rates[source] ?? 0;
    const all = audience * SLICE_COUNT;
    let slots = all;
    if (all > 0 && rate > 0 && slotsFor(usableBps, rate, 1) < all) {
      const split = demands.split(source);
      slots = Math.min(all, slotsFor(usableBps, rate, split && compatible ? 1 : SLICE_COUNT));
      // Not even one of each slice, or too few for one that has no relays.
      if (slots < SLICE_COUNT || (slots < all && !compatible)) return null;
      if (slots < all) needy.push(new Task(source, audience, rate, split, slots));
    }
    spareBps.push(Math.max(0, Math.min(lendBps, usableBps - (slots * rate) / SLICE_COUNT)));
  }
  // Most that does not fit is known here, before any leg is placed.
  if (!enoughLent(needy, spareBps, onlyComplete)) return null;

  const spare = new SpareUpload(spareBps);
  needy.sort(leastFlexibleFirst);
  const complete = placeLegs(needy, spare);
  return complete || !onlyComplete ? { tasks: new Map(needy.map((task) => [task.source, task])), complete } : null;
}

/**
 * Whether what the sources lack is lent at all.
 *
 * @param needy sources of which no leg is placed yet
 * @param asPlaced whether sources send just the copies they can afford, so that what relays have left in pieces is of no use
 */
function enoughLent(needy: readonly Task[], spareBps: readonly number[], asPlaced: boolean): boolean {
  let lackingBps = 0;
  let lackingSlots = 0;
  let lackingWhole = 0;
  const unitBps = needy[0]?.unitBps ?? 0;
  let alike = asPlaced;
  for (const task of needy) {
    const missing = openLegs(task) - task.slots;
    lackingBps += task.lackingBps;
    lackingSlots += missing;
    if (task.step === SLICE_COUNT) lackingWhole += missing;
    alike &&= task.unitBps === unitBps;
  }
  let lentBps = 0;
  let lentSlots = 0;
  let lentWhole = 0;
  for (const bps of spareBps) {
    lentBps += bps;
    if (!alike || bps === 0) continue;
    const units = bps / unitBps;
    lentSlots += wholeSteps(units, 1);
    lentWhole += wholeSteps(units, SLICE_COUNT);
  }
  if (lackingBps > lentBps * (1 + ROUNDING)) return false;
  // Where all legs are of one size, what a relay has beyond whole ones is of no use.
  return !alike || (lackingSlots <= lentSlots && lackingWhole <= lentWhole);
}

function sharesOf({ peers }: Room, tasks: ReadonlyMap<number, Task>): Share[] {
  // Most sources of a large room send alike.
  const allDirect = new Map<number, Share>();
  return peers.map(({ audience }, source) => {
    const task = tasks.get(source);
    if (task === undefined) {
      const share = allDirect.get(audience) ?? shareWithoutRelays(audience);
      allDirect.set(audience, share);
      return share;
    }
    const fans = [...task.fans].flatMap(([relay, legs]) => (legsOn(task, relay) > 0 ? [{ relay, legs }] : []));
    return { receivers: audience, direct: task.direct, fans };
  });
}

function shareWithoutRelays(receivers: number): Share {
  return { receivers, direct: new Array<number>(SLICE_COUNT).fill(receivers), fans: [] };
}

function slotsFor(usableBps: number, rate: number, step: number): number {
  return wholeSteps((usableBps * SLICE_COUNT) / rate, step);
}

/** Who can send only one copy must find relays that carry whole slices; who can send several fills the gaps that others leave. */
function leastFlexibleFirst(a: Task, b: Task): number {
  return a.copies - b.copies || b.lackingBps - a.lackingBps || a.source - b.source;
}
