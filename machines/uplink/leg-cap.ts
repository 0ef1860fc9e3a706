/**
 * What one leg may be sent where its own way is full: by the same formula as the uplink, on itself, so that nobody else pays for it.
 * A cap takes video from whoever is behind it, so it is found only where nothing else explains what is seen: this leg alone waits, for
 * several reports, and the more is sent the longer. A burst is over before that, and a way that has become longer does not grow.
 */
import { Calm } from './calm.ts';
import { FULL_MS, LOSES } from './capacity.ts';
import type { Sample } from './capacity-sample.ts';
import type { LegCap } from './contract.ts';
import { LEAST_USED, USED, usedShare } from './used.ts';

/** No leg is forgotten: less than this says nothing of whether it has room again. */
const LEAST_BPS = 50_000;
/** A queue of its own is none of a burst's where it has stayed for so long: a key frame has left by then. */
const STAYS_MS = 600;
/** So often in that time it was seen to grow or to drop packets. */
const OVERFLOWS = 4;
/** In ms a ms: jitter looks like less. */
const GROWS_MUCH = 0.1;
/** Its receiver asks for less: so long until that is felt. */
const EXPLAINED_MS = 1500;
/** It waits, and does not grow: the way is longer than before. */
const LONGER_MS = 3000;
/** A way that has room again is tried a little at a time. */
const GROWTH_PER_S = 0.08;
const MOST_STEP_MS = 200;
/** What is not used can't be seen to have room again: a cap is forgotten after this, and after twice as long each time it is found anew. */
const RETRY_MS = 30_000;
const MOST_RETRY_MS = 240_000;
/** A way that has been free for so long is another one. */
const ANEW_MS = 600_000;

export interface LegReading {
  /** Waiting beyond the uplink's queue, in ms. */
  readonly ownQueueMs: number;
  readonly isClean: boolean;
  /** The uplink has room, and most other legs say so. */
  readonly isAlone: boolean;
  /** What its way carried while it was full. */
  readonly sample: Sample | undefined;
  readonly sentBps: number;
}

export class LegCapRule {
  readonly #calm = new Calm();
  #carriesBps: number | undefined;
  #queueMs = 0;
  #why: LegCap['why'] = 'queue';
  #beforeSilenceBps: number | undefined;
  #lastMs: number | undefined;
  #isFull = false;
  #fullMs = 0;
  #stillMs = 0;
  #overflows = 0;
  #seenAtMs = Number.NEGATIVE_INFINITY;
  #retryMs = RETRY_MS;
  #explainedUntilMs = Number.NEGATIVE_INFINITY;

  get capBps(): number | undefined {
    if (this.#carriesBps === undefined) return undefined;
    return Math.max(LEAST_BPS, this.#carriesBps * usedShare(this.#queueMs));
  }

  get state(): Omit<LegCap, 'leg'> | undefined {
    const capBps = this.capBps;
    return capBps === undefined ? undefined : { capBps, publishedBps: this.#calm.bps ?? capBps, why: this.#why };
  }

  /** @returns whether what seems to wait there is the way itself, which has become longer */
  take({ ownQueueMs, isClean, isAlone, sample, sentBps }: LegReading, uplinkBps: number, nowMs: number): boolean {
    const stepMs = Math.min(MOST_STEP_MS, nowMs - (this.#lastMs ?? nowMs));
    this.#lastMs = nowMs;
    this.#queueMs = isClean ? 0 : ownQueueMs;
    if (isClean || nowMs < this.#explainedUntilMs) this.#begin();
    else if (isAlone && ownQueueMs > FULL_MS) this.#watch(sample, this.#isFull ? stepMs : 0);
    this.#isFull = !isClean;
    if (this.#isSure && sample !== undefined) this.#find(sample.bps, nowMs);
    else if (isClean && this.#carriesBps !== undefined && sentBps > USED * LEAST_USED * this.#carriesBps)
      this.#carriesBps *= 1 + (GROWTH_PER_S * stepMs) / 1000;
    this.expire(nowMs);
    this.#publish(uplinkBps, nowMs);
    if (this.#stillMs < LONGER_MS) return false;
    this.#begin();
    return true;
  }

  /** @returns whether anything of it is worth to be kept though nothing is sent there: a cap, or that there was one */
  expire(nowMs: number): boolean {
    const sinceMs = nowMs - this.#seenAtMs;
    if (this.#why === 'queue' && sinceMs > this.#retryMs) this.#carriesBps = undefined;
    return sinceMs <= ANEW_MS;
  }

  /** What waits there is its receiver's line, which asks for less by itself: a cap beside that would be a second answer to one queue. */
  explain(nowMs: number): void {
    this.#explainedUntilMs = nowMs + EXPLAINED_MS;
    if (this.#why === 'queue') this.#carriesBps = undefined;
    this.#begin();
  }

  /** Its receiver says nothing any more. */
  silent(sentBps: number, nowMs: number): void {
    if (this.#why !== 'silence' || this.#carriesBps === undefined) this.#beforeSilenceBps = this.#carriesBps;
    this.#carriesBps = Math.max(LEAST_BPS, (this.#carriesBps ?? sentBps) / 2);
    this.#why = 'silence';
    this.#calm.take(USED * this.#carriesBps, nowMs);
  }

  /** It says something again: its way is what it was. */
  heard(): void {
    if (this.#carriesBps === undefined || this.#why !== 'silence') return;
    [this.#carriesBps, this.#why] = [this.#beforeSilenceBps, 'queue'];
  }

  #begin(): void {
    [this.#fullMs, this.#stillMs, this.#overflows] = [0, 0, 0];
  }

  #watch(sample: Sample | undefined, stepMs: number): void {
    const overflows = sample !== undefined && (sample.slope > GROWS_MUCH || sample.loss > LOSES);
    this.#fullMs += stepMs;
    this.#stillMs = overflows ? 0 : this.#stillMs + stepMs;
    if (overflows) this.#overflows += 1;
  }

  get #isSure(): boolean {
    return this.#fullMs >= STAYS_MS && this.#overflows >= OVERFLOWS && this.#stillMs === 0;
  }

  #find(bps: number, nowMs: number): void {
    const freeMs = nowMs - this.#seenAtMs;
    if (freeMs > ANEW_MS) this.#retryMs = RETRY_MS;
    else if (this.#carriesBps === undefined) this.#retryMs = Math.min(MOST_RETRY_MS, 2 * this.#retryMs);
    [this.#carriesBps, this.#why, this.#seenAtMs] = [bps, 'queue', nowMs];
  }

  #publish(uplinkBps: number, nowMs: number): void {
    if (this.#carriesBps === undefined) return;
    // A cap above what the uplink carries is of no use.
    if (this.#carriesBps > uplinkBps) this.#carriesBps = undefined;
    else this.#calm.take(USED * this.#carriesBps, nowMs);
  }
}
