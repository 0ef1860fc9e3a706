/** What one leg may be sent where its own way is full: by the same formula as the uplink, on itself, so that nobody else pays for it. */
import { Calm } from './calm.ts';
import { FULL_MS } from './capacity.ts';
import type { LegCap } from './contract.ts';
import { LEAST_USED, USED, usedShare } from './used.ts';

/** No leg is forgotten: less than this says nothing of whether it has room again. */
const LEAST_BPS = 50_000;
/** A queue of its own that is no jitter stays so long at least. */
const STAYS_MS = 150;
/** A way that has room again is tried a little at a time. */
const GROWTH_PER_S = 0.08;
const MOST_STEP_MS = 200;

export interface LegReading {
  /** Waiting beyond the uplink's queue, in ms. */
  readonly ownQueueMs: number;
  readonly isClean: boolean;
  /** What its way carried while it was full. */
  readonly sampleBps: number | undefined;
  readonly sentBps: number;
}

export class LegCapRule {
  readonly #calm = new Calm();
  #carriesBps: number | undefined;
  #queueMs = 0;
  #why: LegCap['why'] = 'queue';
  #beforeSilenceBps: number | undefined;
  #lastMs: number | undefined;
  #fullSinceMs: number | undefined;

  get capBps(): number | undefined {
    if (this.#carriesBps === undefined) return undefined;
    return Math.max(LEAST_BPS, this.#carriesBps * usedShare(this.#queueMs));
  }

  get state(): Omit<LegCap, 'leg'> | undefined {
    const capBps = this.capBps;
    return capBps === undefined ? undefined : { capBps, publishedBps: this.#calm.bps ?? capBps, why: this.#why };
  }

  take({ ownQueueMs, isClean, sampleBps, sentBps }: LegReading, uplinkBps: number, nowMs: number): void {
    const stepMs = Math.min(MOST_STEP_MS, nowMs - (this.#lastMs ?? nowMs));
    this.#lastMs = nowMs;
    this.#queueMs = isClean ? 0 : ownQueueMs;
    const isFull = !isClean && ownQueueMs > FULL_MS;
    this.#fullSinceMs = isFull ? (this.#fullSinceMs ?? nowMs) : undefined;
    if (isFull && nowMs - (this.#fullSinceMs ?? nowMs) >= STAYS_MS && sampleBps !== undefined) {
      this.#carriesBps = sampleBps;
      this.#why = 'queue';
    } else if (isClean && this.#carriesBps !== undefined && sentBps > USED * LEAST_USED * this.#carriesBps)
      this.#carriesBps *= 1 + (GROWTH_PER_S * stepMs) / 1000;
    this.#publish(uplinkBps, nowMs);
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

  #publish(uplinkBps: number, nowMs: number): void {
    if (this.#carriesBps === undefined) return;
    // A cap above what the uplink carries is of no use.
    if (this.#carriesBps > uplinkBps) this.#carriesBps = undefined;
    else this.#calm.take(USED * this.#carriesBps, nowMs);
  }
}
