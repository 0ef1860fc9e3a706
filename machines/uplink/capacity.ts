/** What the line carries, as far as it is known, and how that follows what is seen of it. */
import { type Sample, WAITING_MS } from './capacity-sample.ts';

/** A queue that is ours, and must be acted on at once. */
export const FULL_MS = 12;
const WAITING_LONG_MS = 300;
/** Where little of what is known is sent, a queue is more likely a machine that stood still: it is ours if it lasts. */
const LASTS_MS = 400;
/** The queue grows: what is sent is too much by this share at least. */
const GROWS = 0.02;
/** Beyond what is lost anyway. */
export const LOSES = 0.04;
/** Others behind the same router make it grow, too, and for a moment it tells little of what is ours: so long until nothing would be left. */
const SHARED_FALL_MS = 500;
/** Where the queue neither grows nor loses there is time to see whether it lasts. */
const FALL_PER_S = 0.1;
const RISE_SHARE = 0.3;
/** Two samples in a row are within this of each other, in ms: the first of a queue is short, and frames make it coarse. */
const IN_A_ROW_MS = 120;
/** Until the second is there, so much more than the first one says may be true. */
const COARSE = 1.25;
/** Loss without a queue is acted on once a round of reports. */
const DROP_STEP_MS = 300;
const LEAST_DROP = 0.5;
/** Lowered so often without the loss becoming less: it is the line's own. */
const IN_VAIN = 3;
const LITTLE_LESS = 0.7;
/** A line that carries less carries no call. */
export const LEAST_BPS = 100_000;
const SILENCE_STEP_MS = 400;
/** Of a packet of usual size, on the wire. */
const PACKET_BITS = 8 * 1228;
/** Of a line of 1 Mbit/s. Of a slower one a little is taken for a queue: a line that others fill looks slow too. */
const MOST_PACKET_MS = 10;

export interface Seen {
  readonly queueMs: number;
  readonly sample: Sample | undefined;
  /** What leaves is a good part of what is known, so that it may have filled the line. */
  readonly isBusy: boolean;
  /** Others behind the same router tell what they have of it. */
  readonly isShared: boolean;
  /** What was delivered, where there is no queue but every leg loses. */
  readonly delivered: { readonly bps: number; readonly loss: number } | undefined;
}

export class Capacity {
  #bps: number | undefined;
  #waitingSinceMs: number | undefined;
  #lastMs = 0;
  #sampled: { readonly bps: number; readonly atMs: number } | undefined;
  #droppedAtMs = Number.NEGATIVE_INFINITY;
  #lossBefore = 0;
  #inVain = 0;
  #halvedAtMs = Number.NEGATIVE_INFINITY;

  get bps(): number | undefined {
    return this.#bps;
  }

  set(bps: number): void {
    this.#bps = Math.max(LEAST_BPS, bps);
  }

  /** @returns whether the loss is the line's own, and each leg's floor has to take it */
  see({ queueMs, sample, isBusy, isShared, delivered }: Seen, nowMs: number): boolean {
    const stepMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (queueMs < WAITING_MS) {
      this.#waitingSinceMs = undefined;
      return delivered !== undefined && this.#drop(delivered.bps, delivered.loss, nowMs);
    }
    this.#waitingSinceMs ??= nowMs;
    const waitsMs = nowMs - this.#waitingSinceMs;
    const isFull = isBusy ? queueMs > FULL_MS || waitsMs > WAITING_LONG_MS : queueMs > FULL_MS && waitsMs > LASTS_MS;
    if (sample === undefined) return false;
    const before = this.#sampled;
    this.#sampled = { bps: sample.bps, atMs: nowMs };
    const isSecond = before !== undefined && nowMs - before.atMs <= IN_A_ROW_MS;
    const sharedBps = isShared ? (this.#bps ?? 0) * (1 - stepMs / SHARED_FALL_MS) : 0;
    const leastBps = Math.max(sharedBps, isSecond ? Math.max(sample.bps, before.bps) : COARSE * sample.bps);
    if (isFull) this.#follow(sample, leastBps, stepMs);
    return false;
  }

  /** Nobody tells what arrives: perhaps nothing does. */
  silence(nowMs: number): void {
    if (this.#bps === undefined || nowMs - this.#halvedAtMs < SILENCE_STEP_MS) return;
    this.#halvedAtMs = nowMs;
    this.set(this.#bps / 2);
  }

  /** @param least what it is at least, by two samples in a row or by what the only one may be wrong by */
  #follow({ bps, slope, loss }: Sample, least: number, stepMs: number): void {
    const known = this.#bps ?? bps;
    if (bps > known) this.set(known + RISE_SHARE * (bps - known));
    else if (slope > GROWS || loss > LOSES) this.set(Math.min(known, least));
    else this.set(Math.max(bps, known * (1 - (FALL_PER_S * stepMs) / 1000)));
  }

  #drop(bps: number, loss: number, nowMs: number): boolean {
    if (this.#bps === undefined || nowMs - this.#droppedAtMs < DROP_STEP_MS) return false;
    const isRecent = nowMs - this.#droppedAtMs < 2 * DROP_STEP_MS;
    this.#inVain = isRecent && loss > LITTLE_LESS * this.#lossBefore ? this.#inVain + 1 : 0;
    [this.#droppedAtMs, this.#lossBefore] = [nowMs, loss];
    if (this.#inVain >= IN_VAIN) {
      this.#inVain = 0;
      return true;
    }
    if (bps < this.#bps) this.set(Math.max(bps, LEAST_DROP * this.#bps));
    return false;
  }
}

/** How long the line takes for one packet. */
export function packetMs(capacityBps: number | undefined): number {
  return capacityBps === undefined ? 0 : Math.min(MOST_PACKET_MS, (1000 * PACKET_BITS) / capacityBps);
}
