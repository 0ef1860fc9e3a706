/**
 * Which relay forwards how many legs of which slices, at given rates. Receivers are numbers here, not yet names: in a room
 * where everybody watches everybody it does not matter who is who, and counting keeps the work near N log N.
 *
 * An owner that can't send to all receivers sends as many direct copies as it can afford; the other legs are two-hop legs, put
 * on the relays with most spare upload. "Whole" streams count upload in whole copies, "split" ones in sixteenths.
 */
import { SLICE_COUNT } from '../../slices.ts';
import { repair } from '../repair/repair.ts';
import type { Room } from '../room.ts';
import { leftOf, type Share } from '../share.ts';
import { type KeepEffort, placeAround } from './around.ts';
import { place } from './place.ts';
import type { Running } from './running.ts';
import { SpareUpload } from './spare.ts';
import { legsOn, openLegs, ROUNDING, Task, wholeSteps } from './task.ts';

/** What is asked for of the streams. Each is to serve its whole audience. */
export interface Demands {
  /** By stream index, bit/s. */
  readonly rates: readonly number[];
  /** Whether a video may be cut into sixteenths; asked only of those that need relays. Audio never is. */
  readonly split: (stream: number) => boolean;
}

/** A filling that fits: its shares are made only if they are asked for. */
export class Filled {
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

/** @returns `null` where the demands do not fit */
export function fill(room: Room, demands: Demands): Filled | null {
  return filled(room, demands, (tasks, spare) => tasks.every((task) => place(room, task, spare)));
}

/** The same around what runs now: that is kept as far as it fits the demands. */
export function fillAround(room: Room, demands: Demands, running: Running, effort: KeepEffort): Filled | null {
  return filled(room, demands, (tasks, spare) => placeAround(room, tasks, spare, running, effort));
}

function filled(
  room: Room,
  demands: Demands,
  placeAll: (tasks: readonly Task[], spare: SpareUpload) => boolean,
): Filled | null {
  const needs = needsOf(room, demands);
  if (needs === null || !enoughLent(needs, true)) return null;
  const { tasks } = needs;
  return placeAll(tasks, new SpareUpload(needs.spareBps)) ? new Filled(room, demands.rates, byStream(tasks)) : null;
}

/** The same with more effort: legs that find no place make others move. For rooms that have next to no upload left. */
export function fillTight(room: Room, rates: readonly number[]): Filled | null {
  const needs = needsOf(room, { rates, split: () => true });
  if (needs === null || !enoughLent(needs, false)) return null;
  const spare = new SpareUpload(needs.spareBps);
  const complete = needs.tasks.filter((task) => !place(room, task, spare)).length === 0;
  const needy = byStream(needs.tasks);
  const tasks = room.streams.flatMap((stream, index) => {
    const rate = rates[index] ?? 0;
    if (stream.audience === 0 || rate === 0) return [];
    return [needy.get(index) ?? new Task(index, stream, rate, !stream.whole, stream.audience * SLICE_COUNT)];
  });
  const filled = new Filled(room, rates, byStream(tasks));
  if (complete) return filled;
  return repair(room, tasks, leftOf(room, rates, filled.shares)) ? filled : null;
}

/**
 * How many slice copies of each of its streams an owner sends itself, in the order of `streams`; `null` where it can't send
 * each of them once. Every stream has one copy; more go to audio first, then to the videos of the lowest rates, where one copy
 * serves most receivers for its bits.
 */
export function ownCopies({ peers, streams }: Room, owner: number, { rates, split }: Demands): number[] | null {
  const { usableBps = 0, compatible = false, streams: own = [] } = peers[owner] ?? {};
  let left = usableBps;
  let all = 0;
  const copies: number[] = [];
  for (const index of own) {
    const audience = streams[index]?.audience ?? 0;
    const rate = rates[index] ?? 0;
    if (audience > 0) left -= rate;
    all += audience * rate;
    copies.push(audience * SLICE_COUNT);
  }
  if (all <= usableBps) return copies;
  if (left < -usableBps * ROUNDING) return null;
  for (const at of own.length > 1 ? cheapestCopies(streams, own, rates) : ONLY) {
    const index = own[at] ?? 0;
    const unitBps = (rates[index] ?? 0) / SLICE_COUNT;
    const beyondOne = (copies[at] ?? 0) - SLICE_COUNT;
    if (unitBps === 0 || beyondOne <= 0) continue;
    let more = Math.max(0, wholeSteps(left / unitBps, 1));
    if (more < beyondOne) {
      if (!compatible) return null;
      if (streams[index]?.whole || !split(index)) more = wholeSteps(more, SLICE_COUNT);
      copies[at] = SLICE_COUNT + more;
    }
    left -= Math.min(more, beyondOne) * unitBps;
  }
  return copies;
}

const ONLY: readonly number[] = [0];
const AS_THEY_COME: readonly number[] = [0, 1];

/** Places in `own`: audio first, then the lowest rates. */
function cheapestCopies(streams: Room['streams'], own: readonly number[], rates: readonly number[]): readonly number[] {
  // Audio comes first in a room: mostly there is nothing to sort.
  if (own.length === 2 && streams[own[0] ?? 0]?.audio && !streams[own[1] ?? 0]?.audio) return AS_THEY_COME;
  const isAudio = (at: number): number => Number(streams[own[at] ?? 0]?.audio ?? false);
  const rateOf = (at: number): number => rates[own[at] ?? 0] ?? 0;
  return own.map((_, at) => at).sort((a, b) => isAudio(b) - isAudio(a) || rateOf(a) - rateOf(b) || a - b);
}

/** What relays are needed for, and what there is to lend. */
interface Needs {
  /** Streams that need relays: audio first, then the least flexible. */
  readonly tasks: readonly Task[];
  /** By peer index. */
  readonly spareBps: readonly number[];
}

/** @returns `null` where an owner can't send one copy of each of its streams, or, without relays, all copies */
function needsOf(room: Room, demands: Demands): Needs | null {
  const tasks: Task[] = [];
  const spareBps: number[] = [];
  for (const [owner, { usableBps, lendBps, streams }] of room.peers.entries()) {
    const copies = ownCopies(room, owner, demands);
    if (copies === null) return null;
    let usedBps = 0;
    for (const [at, index] of streams.entries()) {
      const stream = room.streams[index];
      const rate = demands.rates[index] ?? 0;
      const affordable = copies[at] ?? 0;
      usedBps += (affordable * rate) / SLICE_COUNT;
      if (stream === undefined || affordable === stream.audience * SLICE_COUNT) continue;
      const split = !stream.whole && demands.split(index);
      tasks.push(new Task(index, stream, rate, split, affordable));
    }
    spareBps.push(Math.max(0, Math.min(lendBps, usableBps - usedBps)));
  }
  return { tasks: tasks.sort(leastFlexibleFirst), spareBps };
}

/** Who can send only one copy must find relays that carry whole slices; who can send several fills the gaps that others leave. */
function leastFlexibleFirst(a: Task, b: Task): number {
  const audioFirst = Number(b.audio) - Number(a.audio);
  return audioFirst || a.copies - b.copies || b.lackingBps - a.lackingBps || a.stream - b.stream;
}

/**
 * Whether what the streams lack is lent at all: most that does not fit is known here, before any leg is placed.
 *
 * @param asPlaced whether owners send just the copies they can afford, so that what relays have left in pieces is of no use
 */
function enoughLent({ tasks, spareBps }: Needs, asPlaced: boolean): boolean {
  let lackingBps = 0;
  let lackingSlots = 0;
  let lackingWhole = 0;
  const unitBps = tasks[0]?.unitBps ?? 0;
  let alike = asPlaced;
  for (const task of tasks) {
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

function byStream(tasks: readonly Task[]): Map<number, Task> {
  return new Map(tasks.map((task) => [task.stream, task]));
}

function sharesOf({ streams }: Room, tasks: ReadonlyMap<number, Task>): Share[] {
  // Most streams of a large room are sent alike.
  const allDirect = new Map<number, Share>();
  return streams.map(({ audience }, stream) => {
    const task = tasks.get(stream);
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
