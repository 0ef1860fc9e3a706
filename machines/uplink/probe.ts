/** One probe: what was sent while it ran, and what the packets of just that time met. Later packets say nothing about it. */
import type { PeerId } from '../messages.ts';
import { between, middleMark, OVER_ALL, WAITING_MS } from './capacity-sample.ts';
import type { ProbeOrder } from './contract.ts';
import { sharedQueueOf } from './shared-queue.ts';
import type { Mark } from './slots.ts';

/** More than the packets of any probe: 50 Mbit/s for 200 ms. */
const MOST_MARKS = 1024;
/** Where nothing is sent that was asked for, a probe ends all the same. */
const MOST_TIMES_AS_LONG = 2;
/** Its first and its last packets, of which each leg has to have some. */
const ENDS = 1 / 3;
/** Enough of what was sent has to be told of. */
const LEAST_TOLD_SHARE = 0.5;
/** Legs that have to see it: a single one could make us believe anything. */
const WITNESSES = 2;
const LEAST_MARKS = 4;
/** From its beginning to its end, as far as packets tell. */
const LEAST_MS = 15;
/** A packet waited less than the one before it by so much, and that so often: a queue that grows does no such thing. */
const BACK_MS = 1.5;
const OFTEN = 0.25;

export interface ProbeResult {
  /** All that left while it ran. */
  readonly sentBps: number;
  /** What got through, as far as the growth of the queue tells; undefined where too little is known. */
  readonly carriedBps: number | undefined;
  /** No queue at its end, and enough legs say so. */
  readonly isPassed: boolean;
  /** As many legs as have to are of one mind about the queue. */
  readonly isWitnessed: boolean;
  /** Packets came at such odd times that a queue is hard to tell from luck. */
  readonly isNoisy: boolean;
}

type LegMark = Mark & { readonly leg: PeerId };

export class Probe {
  readonly order: ProbeOrder;
  readonly #startedAtMs: number;
  readonly #startUpTo: number;
  #endedAtMs: number | undefined;
  #endUpTo: number;
  readonly #marks: LegMark[] = [];

  /** @param upTo bytes that had left when it was ordered */
  constructor(order: ProbeOrder, nowMs: number, upTo: number) {
    this.order = order;
    this.#startedAtMs = nowMs;
    this.#startUpTo = upTo;
    this.#endUpTo = upTo;
  }

  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }

  sent(sentAtMs: number, upTo: number): void {
    if (this.#endedAtMs !== undefined) return;
    this.#endUpTo = upTo;
    if (upTo - this.#startUpTo >= this.order.bytes) this.#endedAtMs = sentAtMs;
  }

  /** What was asked for has been sent, or will not be. */
  wake(nowMs: number): void {
    if (this.#endedAtMs === undefined && nowMs >= this.mustEndAtMs) this.#endedAtMs = nowMs;
  }

  get mustEndAtMs(): number {
    return this.#startedAtMs + (MOST_TIMES_AS_LONG * 8000 * this.order.bytes) / this.order.bps;
  }

  marked(leg: PeerId, mark: Mark): void {
    if (mark.upTo <= this.#startUpTo || this.#marks.length >= MOST_MARKS) return;
    if (this.#endedAtMs !== undefined && mark.sentAtMs > this.#endedAtMs) return;
    this.#marks.push({ leg, ...mark });
  }

  /** @param loss beyond what is lost anyway, while it ran */
  result(loss: number): ProbeResult {
    const durationMs = Math.max(1, (this.#endedAtMs ?? this.#startedAtMs) - this.#startedAtMs);
    const sentBps = (8000 * (this.#endUpTo - this.#startUpTo)) / durationMs;
    const bytes = this.#endUpTo - this.#startUpTo;
    const [firsts, lasts] = [this.#upTo(ENDS * bytes), this.#from((1 - ENDS) * bytes)];
    const readings = leastByLeg(lasts);
    const { queueMs, clean } = sharedQueueOf(readings);
    const [begin, end] = [middleOf(leastByLeg(firsts), clean), middleOf(readings, clean)];
    const isTold = this.#marks.length >= LEAST_MARKS && this.#toldShare() >= LEAST_TOLD_SHARE;
    const isNoisy = backwardShare(this.#marks) > OFTEN;
    if (!isTold || begin === undefined || end === undefined)
      return { sentBps, carriedBps: undefined, isPassed: false, isWitnessed: false, isNoisy };
    const carried = between(begin, end, OVER_ALL, loss, LEAST_MS)?.bps;
    const free = readings.filter((reading) => reading.queueMs < WAITING_MS).length;
    const needed = Math.min(WITNESSES, readings.length);
    return {
      sentBps,
      carriedBps: carried === undefined ? undefined : Math.min(sentBps, carried),
      isPassed: queueMs < WAITING_MS && free >= needed,
      isWitnessed: clean.size >= needed,
      isNoisy,
    };
  }

  /** How far into what was sent marks reach. */
  #toldShare(): number {
    const newest = this.#marks.reduce((most, { upTo }) => Math.max(most, upTo), this.#startUpTo);
    return (newest - this.#startUpTo) / Math.max(1, this.#endUpTo - this.#startUpTo);
  }

  #upTo(bytes: number): LegMark[] {
    return this.#marks.filter(({ upTo }) => upTo - this.#startUpTo <= bytes);
  }

  #from(bytes: number): LegMark[] {
    return this.#marks.filter(({ upTo }) => upTo - this.#startUpTo >= bytes);
  }
}

function leastByLeg(marks: readonly LegMark[]): LegMark[] {
  const least = new Map<PeerId, LegMark>();
  for (const mark of marks) {
    const known = least.get(mark.leg);
    if (known === undefined || mark.queueMs < known.queueMs) least.set(mark.leg, mark);
  }
  return [...least.values()];
}

/** Of the legs that are of one mind. */
function middleOf(readings: readonly LegMark[], legs: ReadonlySet<PeerId>): LegMark | undefined {
  return middleMark(readings.filter(({ leg }) => legs.has(leg)));
}

function backwardShare(marks: readonly LegMark[]): number {
  const inOrder = [...marks].sort((a, b) => a.upTo - b.upTo);
  const back = inOrder.slice(1).filter(({ queueMs }, index) => queueMs < (inOrder[index]?.queueMs ?? 0) - BACK_MS);
  return back.length / Math.max(1, inOrder.length - 1);
}
