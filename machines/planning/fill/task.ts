/** Work in progress on one stream: which copies its owner sends itself, which legs are on relays, and which are still open. */
import { SLICE_COUNT } from '../../slices.ts';
import { layRows } from '../repair/lay-out.ts';
import { type RoomStream, sum } from '../room.ts';
import type { SpareUpload } from './spare.ts';

/** Quotients of rates fall short of a whole number by rounding. */
export const ROUNDING = 1e-9;

/** Which legs are legs of which slices. */
interface Slices {
  /** By slice: copies to receivers, those to relays included. */
  readonly direct: number[];
  /** By slice: two-hop legs that are on no relay yet. */
  readonly open: number[];
  /** By relay and slice: legs that it forwards. */
  readonly fans: Map<number, number[]>;
  /** Relays that do not want the stream: a copy to them serves nobody. */
  readonly bystanders: Set<number>;
}

/**
 * Many plans are tried before one is taken, and numbers of legs mostly tell whether they find a place: they are laid on slices only
 * when somebody asks for these.
 */
export class Task {
  /** Index of the stream, and of the peer that sends it. */
  readonly stream: number;
  readonly owner: number;
  readonly audio: boolean;
  /** Is never split. */
  readonly whole: boolean;
  /** What a leg of a slice costs, bit/s. */
  readonly unitBps: number;
  /** In how many slices at a time upload is counted: 1 or, for a stream that is not split, all. */
  readonly step: number;
  readonly receivers: number;
  /** How many receivers its owner can send every slice. */
  readonly copies: number;
  /** What relays are needed for, bit/s. */
  readonly lackingBps: number;
  /** Slice copies that the owner can still afford. */
  slots: number;
  #slices: Slices | null = null;
  #layLegs: (() => void) | null = null;

  /** @param affordable how many slice copies the owner sends itself */
  constructor(
    stream: number,
    { owner, audio, whole, audience }: RoomStream,
    rate: number,
    split: boolean,
    affordable: number,
  ) {
    this.stream = stream;
    this.owner = owner;
    this.audio = audio;
    this.whole = whole;
    this.unitBps = rate / SLICE_COUNT;
    this.step = split ? 1 : SLICE_COUNT;
    this.receivers = audience;
    this.copies = Math.floor(affordable / SLICE_COUNT);
    this.lackingBps = (audience * SLICE_COUNT - affordable) * this.unitBps;
    this.slots = affordable - this.copies * SLICE_COUNT;
  }

  get direct(): number[] {
    return this.#laid().direct;
  }

  get open(): number[] {
    return this.#laid().open;
  }

  get fans(): Map<number, number[]> {
    return this.#laid().fans;
  }

  get bystanders(): Set<number> {
    return this.#laid().bystanders;
  }

  /** Whether the owner sends the same number of copies of every slice, and no leg is on a relay. */
  get untouched(): boolean {
    return this.#slices === null && this.#layLegs === null;
  }

  /** @param lay puts legs on slices; called before anybody sees these */
  layLater(lay: () => void): void {
    this.#layLegs = lay;
  }

  #laid(): Slices {
    this.#slices ??= {
      direct: new Array<number>(SLICE_COUNT).fill(this.copies),
      open: new Array<number>(SLICE_COUNT).fill(this.receivers - this.copies),
      fans: new Map(),
      bystanders: new Set(),
    };
    const lay = this.#layLegs;
    this.#layLegs = null;
    lay?.();
    return this.#slices;
  }
}

export function openLegs(task: Task): number {
  return task.untouched ? (task.receivers - task.copies) * SLICE_COUNT : sum(task.open);
}

export function legsOn({ fans }: Task, relay: number): number {
  return sum(fans.get(relay) ?? []);
}

/** Whether a relay forwards any leg of a slice. */
export function forwards({ fans }: Task, relay: number, slice: number): boolean {
  return (fans.get(relay)?.[slice] ?? 0) > 0;
}

/** How many copies of a slice must go to relays that want the stream. */
export function relaysIn(task: Task, slice: number): number {
  let count = 0;
  for (const [relay, legs] of task.fans) if ((legs[slice] ?? 0) > 0 && !task.bystanders.has(relay)) count += 1;
  return count;
}

/** How many legs a relay can still carry of one stream. */
export function capacityOf(task: Task, relay: number, spare: SpareUpload): number {
  return wholeSteps(spare.of(relay) / task.unitBps, task.step);
}

export function wholeSteps(units: number, step: number): number {
  return step * Math.floor(units / step + ROUNDING);
}

/** Put open legs on a relay row by row. */
export function forwardRows(task: Task, relay: number, budget: number): void {
  const legs = task.fans.get(relay) ?? new Array<number>(SLICE_COUNT).fill(0);
  task.fans.set(relay, legs);
  layRows(task.open, legs, budget);
}

/** Copies that the owner can still afford make the relays' shares smaller. */
export function spendSlots(task: Task): void {
  for (const legs of [...task.fans.values()].reverse()) {
    for (let slice = 0; slice < SLICE_COUNT && task.slots > 0; slice += 1) {
      const count = Math.min(task.slots, Math.max(0, (legs[slice] ?? 0) - 1));
      legs[slice] = (legs[slice] ?? 0) - count;
      task.direct[slice] = (task.direct[slice] ?? 0) + count;
      task.slots -= count;
    }
  }
}

export function forward(task: Task, relay: number, slice: number, count: number): void {
  const legs = task.fans.get(relay) ?? new Array<number>(SLICE_COUNT).fill(0);
  task.fans.set(relay, legs);
  legs[slice] = (legs[slice] ?? 0) + count;
  task.open[slice] = (task.open[slice] ?? 0) - count;
}

export function addDirect(task: Task, slice: number): void {
  task.direct[slice] = (task.direct[slice] ?? 0) + 1;
  task.open[slice] = (task.open[slice] ?? 0) - 1;
  task.slots -= 1;
}
