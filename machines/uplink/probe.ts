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
/** After so long it ends where packets wait: that was the question, and all that follows would wait, and make audio wait. In ms. */
const LONG_MS = 100;
/** Its first and its last packets, of which each leg has to have some. */
const FIRSTS = 1 / 3;
export const LASTS = 1 / 4;
/** Timers are late and sources pause: so much of what was to be sent beyond what the line is known to carry has to have been. */
const LEAST_EXCESS_SHARE = 0.75;
/** Enough of what was sent has to be told of. */
const LEAST_TOLD_SHARE = 0.5;
/** Legs that have to see it: a single one could make us believe anything. */
const WITNESSES = 2;
const LEAST_MARKS = 4;
/** From its beginning to its end, as far as packets tell. */
const LEAST_MS = 15;
/** A line that is asked for more than it carries begins free and makes packets wait ever longer, to within so much or a full-size packet. */
const ODD_MS = 4;
const ODD_PACKETS = 1.3;
const PACKET_BITS = 8 * 1200;

export interface ProbeResult {
  /** Enough was sent beyond what the line was known to carry, and enough of it is told of: else it says nothing. */
  readonly isAnswered: boolean;
  /** All that left while it ran. */
  readonly sentBps: number;
  /** What got through, as far as the growth of the queue tells; undefined where too little is known. */
  readonly carriedBps: number | undefined;
  /** The same since its packets began to wait: nothing of it is a token bucket's, but it is of fewer packets. */
  readonly fullBps: number | undefined;
  /** What has passed beyond what the line was known to carry: a token bucket's; undefined where there was no queue. */
  readonly bucketBytes: number | undefined;
  /** No queue at its end, and enough legs say so. */
  readonly isPassed: boolean;
  /** As many legs as have to are of one mind about the queue. */
  readonly isWitnessed: boolean;
  /** By so much longer than the first packets the last ones waited, in ms; and that over the time from the ones to the others. */
  readonly grownMs: number;
  readonly slope: number;
  /** Packets came at such odd times that a queue is hard to tell from luck. */
  readonly isNoisy: boolean;
}

type LegMark = Mark & { readonly leg: PeerId };

export class Probe {
  readonly order: ProbeOrder;
  readonly #startedAtMs: number;
  readonly #startUpTo: number;
  readonly #knownBps: number;
  #lastSentAtMs: number;
  #endedAtMs: number | undefined;
  #endUpTo: number;
  readonly #marks: LegMark[] = [];

  /**
   * @param upTo bytes that had left when it was ordered
   * @param knownBps what the line was known to carry by then
   */
  constructor(order: ProbeOrder, nowMs: number, upTo: number, knownBps: number) {
    this.order = order;
    this.#startedAtMs = nowMs;
    this.#startUpTo = upTo;
    this.#knownBps = knownBps;
    this.#lastSentAtMs = nowMs;
    this.#endUpTo = upTo;
  }

  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }

  sent(sentAtMs: number, upTo: number): void {
    if (this.#endedAtMs !== undefined) return;
    this.#endUpTo = upTo;
    this.#lastSentAtMs = Math.max(this.#lastSentAtMs, sentAtMs);
    if (upTo - this.#startUpTo >= this.order.bytes) this.over();
  }

  /** What was asked for has been sent, or will not be: it ended with the last packet that left. */
  over(): void {
    this.#endedAtMs ??= this.#lastSentAtMs;
  }

  /** @param isFull packets wait in the uplink */
  wake(nowMs: number, isFull: boolean): void {
    if (nowMs >= this.mustEndAtMs || (isFull && nowMs >= this.#startedAtMs + LONG_MS)) this.over();
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
    const [firsts, lasts] = [this.#upTo(FIRSTS * bytes), this.#from((1 - LASTS) * bytes)];
    const readings = leastByLeg(lasts);
    const { queueMs, clean } = sharedQueueOf(readings);
    const [begin, end] = [middleOf(leastByLeg(firsts), clean), middleOf(readings, clean)];
    const isTold = this.#marks.length >= LEAST_MARKS && this.#toldShare() >= LEAST_TOLD_SHARE;
    const oddMs = Math.max(ODD_MS, (1000 * ODD_PACKETS * PACKET_BITS) / this.order.bps);
    const isNoisy = (begin?.queueMs ?? 0) > oddMs || largestFall(this.#marks) > oddMs;
    if (!isTold || begin === undefined || end === undefined)
      return {
        isAnswered: false,
        sentBps,
        carriedBps: undefined,
        fullBps: undefined,
        bucketBytes: undefined,
        isPassed: false,
        isWitnessed: false,
        grownMs: 0,
        slope: 0,
        isNoisy,
      };
    const carried = between(begin, end, OVER_ALL, loss, LEAST_MS);
    const full = this.#sinceFull(clean);
    const free = readings.filter((reading) => reading.queueMs < WAITING_MS).length;
    const needed = Math.min(WITNESSES, readings.length);
    const isPassed = queueMs < WAITING_MS && free >= needed;
    return {
      isAnswered: !isPassed || this.#hasExceeded(bytes, durationMs),
      sentBps,
      carriedBps: carried && Math.min(sentBps, carried.bps),
      fullBps: full && between(full, end, OVER_ALL, loss, LEAST_MS)?.bps,
      bucketBytes: isPassed ? undefined : this.#unseenBytes(end),
      isPassed,
      isWitnessed: clean.size >= needed,
      grownMs: end.queueMs - begin.queueMs,
      slope: carried?.slope ?? Number.POSITIVE_INFINITY,
      isNoisy,
    };
  }

  /** Whether a line that carries no more than was known would have a queue by now. */
  #hasExceeded(bytes: number, durationMs: number): boolean {
    const { bps, bytes: asked } = this.order;
    const excess = bytes - (this.#knownBps * durationMs) / 8000;
    return excess >= LEAST_EXCESS_SHARE * asked * (1 - this.#knownBps / bps);
  }

  /** Of what was sent until then beyond what was known the line carries: what does not wait. */
  #unseenBytes({ sentAtMs, queueMs, upTo }: Mark): number {
    const carriedMs = sentAtMs - this.#startedAtMs + queueMs;
    return upTo - this.#startUpTo - (this.#knownBps * carriedMs) / 8000;
  }

  /** The first that waited, where all that followed did: what had passed by then may have been a bucket's, and not the line's. */
  #sinceFull(legs: ReadonlySet<PeerId>): LegMark | undefined {
    const inOrder = this.#marks.filter(({ leg }) => legs.has(leg)).sort((a, b) => a.upTo - b.upTo);
    const lastFree = inOrder.findLastIndex(({ queueMs }) => queueMs < WAITING_MS);
    return inOrder[lastFree + 1];
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

/** By how much less than an earlier one a packet of the same leg waited, at most, in ms. */
function largestFall(marks: readonly LegMark[]): number {
  const most = new Map<PeerId, number>();
  let fall = 0;
  for (const { leg, queueMs } of [...marks].sort((a, b) => a.upTo - b.upTo)) {
    const before = most.get(leg) ?? 0;
    fall = Math.max(fall, before - queueMs);
    most.set(leg, Math.max(before, queueMs));
  }
  return fall;
}
