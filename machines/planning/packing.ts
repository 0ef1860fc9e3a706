/**
 * Which relay forwards how many legs of which slices, at given rates. Receivers are numbers here, not yet names: in a room
 * where everybody watches everybody it does not matter who is who, and counting keeps the work near N log N.
 *
 * A source that can't send to all of its n receivers sends as many direct copies as it can afford; the other legs are two-hop
 * legs, put on the relays with most spare upload. "Whole" sources count upload in whole copies, "split" ones in sixteenths.
 */
import { SLICE_COUNT } from '../slices.ts';
import { DIRECT, type Incumbent } from './incumbents.ts';
import { type Room, wantsSource } from './room.ts';
import { SpareUpload } from './spare.ts';

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

/** Quotients of rates fall short of a whole number by rounding. */
const ROUNDING = 1e-9;

/** Work in progress on one source. */
interface Task {
  readonly source: number;
  readonly unitBps: number;
  readonly step: number;
  readonly receivers: number;
  readonly direct: number[];
  /** By slice: two-hop legs not yet on a relay. */
  readonly open: number[];
  /** Slice copies that the source can still afford. */
  slots: number;
  readonly fans: Map<number, number[]>;
  /** Relays that do not watch the source: a copy to them serves nobody. */
  readonly bystanders: Set<number>;
}

/**
 * @param keep what runs now, by peer index: kept as far as it fits the demands
 * @returns by peer index; `null` where the demands do not fit
 */
export function pack(room: Room, demands: readonly Demand[], keep?: ReadonlyMap<number, Incumbent>): Share[] | null {
  const tasks: Task[] = [];
  for (const [source, demand] of demands.entries()) {
    const task = taskOf(room, source, demand, keep?.get(source));
    if (task === null) return null;
    tasks.push(task);
  }
  const spare = new SpareUpload(
    room.peers.map((peer, index) => {
      const task = tasks[index];
      const own = task === undefined ? 0 : (sum(task.direct) + task.slots) * task.unitBps;
      return Math.max(0, Math.min(peer.lendBps, peer.usableBps - own));
    }),
  );
  const needy = tasks.filter((task) => sum(task.open) > 0).sort(leastFlexibleFirst);
  for (const task of needy) keepFans(room, task, keep?.get(task.source)?.fans ?? [], spare);
  if (!needy.every((task) => place(room, task, spare))) return null;
  return tasks.map(({ receivers, direct, fans }) => ({
    receivers,
    direct,
    fans: [...fans].flatMap(([relay, legs]) => (sum(legs) > 0 ? [{ relay, legs }] : [])),
  }));
}

function taskOf(room: Room, source: number, demand: Demand, incumbent: Incumbent | undefined): Task | null {
  const { rate, receivers } = demand;
  const peer = room.peers[source];
  const step = demand.split && peer?.compatible === true ? 1 : SLICE_COUNT;
  const unitBps = rate / SLICE_COUNT;
  const usable = peer?.usableBps ?? 0;
  const affordable = unitBps > 0 ? wholeSteps(usable / unitBps, step) : Number.POSITIVE_INFINITY;
  const slots = Math.min(affordable, receivers * SLICE_COUNT);
  const copies = Math.floor(slots / SLICE_COUNT);
  if (receivers > 0 && copies === 0) return null;
  if (copies < receivers && peer?.compatible !== true) return null;
  const task: Task = {
    ...{ source, unitBps, step, receivers },
    direct: new Array<number>(SLICE_COUNT).fill(copies),
    open: new Array<number>(SLICE_COUNT).fill(receivers - copies),
    slots: slots - copies * SLICE_COUNT,
    fans: new Map(),
    bystanders: new Set(),
  };
  incumbent?.direct.forEach((count, slice) => {
    if (count > copies && task.slots > 0 && (task.open[slice] ?? 0) > 0) addDirect(task, slice);
  });
  return task;
}

/** Who can send only one copy must find relays that carry whole slices; who can send several fills the gaps that others leave. */
function leastFlexibleFirst(a: Task, b: Task): number {
  const copies = (a.direct[0] ?? 0) - (b.direct[0] ?? 0);
  return copies || sum(b.open) * b.unitBps - sum(a.open) * a.unitBps || a.source - b.source;
}

/** Legs stay on the relays that forward them now, as far as they are still needed and the relays can still carry them. */
function keepFans(room: Room, task: Task, fans: readonly Fan[], spare: SpareUpload): void {
  for (const { relay, legs } of fans) {
    let budget = capacityOf(task, relay, spare);
    if (!wantsSource(room, relay, task.source)) {
      const rows = Math.min(Math.max(...legs), Math.floor(budget / SLICE_COUNT));
      spare.spend(relay, throughBystander(task, relay, rows) * task.unitBps);
      continue;
    }
    const rows = Math.min(...legs, Math.floor(budget / SLICE_COUNT));
    let kept = 0;
    legs.forEach((count, slice) => {
      if (relaysIn(task, slice) >= (task.direct[slice] ?? 0)) return;
      const stay = Math.min(task.step === 1 ? count : rows, task.open[slice] ?? 0, budget);
      if (stay === 0) return;
      forward(task, relay, slice, stay);
      budget -= stay;
      kept += stay;
    });
    spare.spend(relay, kept * task.unitBps);
  }
}

/** How many copies of a slice must go to relays that watch the source. */
function relaysIn(task: Task, slice: number): number {
  let count = 0;
  for (const [relay, legs] of task.fans) if ((legs[slice] ?? 0) > 0 && !task.bystanders.has(relay)) count += 1;
  return count;
}

/** Put all open legs of one source on relays; `false` where that can't be. */
function place(room: Room, task: Task, spare: SpareUpload): boolean {
  const known = new Set(task.fans.keys());
  const relays = [...known].filter((relay) => !task.bystanders.has(relay));
  const capacity = relays.map((relay) => capacityOf(task, relay, spare));
  const taken: number[] = [];
  const before = new Map(relays.map((relay) => [relay, sum(task.fans.get(relay) ?? [])]));
  const next = (): boolean => {
    // Every relay is a receiver of the source.
    if (relays.length >= task.receivers) return false;
    for (let relay = spare.take(); relay !== undefined; relay = spare.take()) {
      taken.push(relay);
      const legs = capacityOf(task, relay, spare);
      // They come in the order of what they have left: nobody after this one has more.
      if (legs === 0) return false;
      if (known.has(relay) || !wantsSource(room, relay, task.source)) continue;
      relays.push(relay);
      capacity.push(legs);
      return true;
    }
    return false;
  };
  const placed =
    placeWide(task, relays, capacity, next) ||
    placeNarrow(task, relays, capacity, next) ||
    placeOnBystanders(room, task, relays, spare);
  for (const relay of relays) {
    spare.spend(relay, (sum(task.fans.get(relay) ?? []) - (before.get(relay) ?? 0)) * task.unitBps);
  }
  for (const relay of taken) spare.put(relay);
  return placed;
}

/** Last of all, relays that do not watch: each costs the source a copy that serves nobody. */
function placeOnBystanders(room: Room, task: Task, relays: number[], spare: SpareUpload): boolean {
  const candidates = room.peers
    .flatMap((peer, index) => {
      // What a bystander must download for others counts against a limit that only its own wishes were checked against.
      const bystander = peer.downloadBps === Number.POSITIVE_INFINITY && !wantsSource(room, index, task.source);
      return bystander && index !== task.source && !relays.includes(index) ? [index] : [];
    })
    .sort((a, b) => spare.of(b) - spare.of(a) || a - b);
  for (const relay of candidates) {
    if (sum(task.open) === 0) return true;
    const rows = Math.floor(capacityOf(task, relay, spare) / SLICE_COUNT);
    if (rows === 0) return false;
    if (throughBystander(task, relay, rows) > 0) relays.push(relay);
  }
  return sum(task.open) === 0;
}

/**
 * Send open legs through a relay that does not watch, up to so many of each slice. Where the source can't afford the copy, one
 * that it sends to a receiver is given up for it.
 *
 * @returns how many legs
 */
function throughBystander(task: Task, relay: number, rows: number): number {
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

/** How many legs a relay can still carry of one source. */
function capacityOf(task: Task, relay: number, spare: SpareUpload): number {
  return wholeSteps(spare.of(relay) / task.unitBps, task.step);
}

function wholeSteps(units: number, step: number): number {
  return step * Math.floor(units / step + ROUNDING);
}

/** Every relay gets every slice: any of them can then forward any leg. */
function placeWide(task: Task, relays: readonly number[], capacity: readonly number[], next: () => boolean): boolean {
  // What the source can send beyond whole copies shortens the rows of legs from the front.
  const rows = task.open.flatMap((count, slice) => (count > 0 ? [slice] : []));
  const extra = rows.slice(0, task.slots);
  const wanted = sum(task.open) - extra.length;
  const copies = Math.min(...task.direct);
  let found = sum(capacity);
  while (found < wanted && relays.length < copies && next()) found += capacity.at(-1) ?? 0;
  if (found < wanted || relays.length > copies) return false;
  for (const slice of extra) addDirect(task, slice);
  relays.forEach((relay, position) => {
    const budget = Math.min(capacity[position] ?? 0, sum(task.open));
    if (budget > 0) fill(task, relay, budget);
  });
  return true;
}

/** Take legs row by row: whole receivers first, so that only the last one of a relay is split between relays. */
function fill(task: Task, relay: number, budget: number): void {
  let left = budget;
  while (left > 0) {
    const highest = Math.max(...task.open);
    const top = task.open.flatMap((count, slice) => (count === highest ? [slice] : []));
    const below = Math.max(0, ...task.open.filter((count) => count < highest));
    const rows = Math.min(highest - below, Math.floor(left / top.length));
    if (rows === 0) {
      for (const slice of top.slice(0, left)) forward(task, relay, slice, 1);
      return;
    }
    for (const slice of top) forward(task, relay, slice, rows);
    left -= rows * top.length;
  }
}

/** Relays get only the slices that they forward; a slice that two relays share costs the source a copy more. */
function placeNarrow(task: Task, relays: readonly number[], capacity: number[], next: () => boolean): boolean {
  if (task.step === SLICE_COUNT) return false;
  let at = 0;
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    let relaysHere = relaysIn(task, slice);
    while ((task.open[slice] ?? 0) > 0) {
      while (at < relays.length && capacity[at] === 0) at += 1;
      const exhausted = at >= relays.length && !next();
      const known = (task.fans.get(relays[at] ?? DIRECT)?.[slice] ?? 0) > 0;
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
        // Too little for a slice, and no copy to spare for a second relay: of no more use to this source.
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

/** Copies that the source can still afford make the relays' shares smaller. */
function spendSlots(task: Task): void {
  for (const legs of [...task.fans.values()].reverse()) {
    for (let slice = 0; slice < SLICE_COUNT && task.slots > 0; slice += 1) {
      const count = Math.min(task.slots, Math.max(0, (legs[slice] ?? 0) - 1));
      legs[slice] = (legs[slice] ?? 0) - count;
      task.direct[slice] = (task.direct[slice] ?? 0) + count;
      task.slots -= count;
    }
  }
}

function forward(task: Task, relay: number, slice: number, count: number): void {
  const legs = task.fans.get(relay) ?? new Array<number>(SLICE_COUNT).fill(0);
  task.fans.set(relay, legs);
  legs[slice] = (legs[slice] ?? 0) + count;
  task.open[slice] = (task.open[slice] ?? 0) - count;
}

function addDirect(task: Task, slice: number): void {
  task.direct[slice] = (task.direct[slice] ?? 0) + 1;
  task.open[slice] = (task.open[slice] ?? 0) - 1;
  task.slots -= 1;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
