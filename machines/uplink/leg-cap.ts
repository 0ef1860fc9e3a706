/** What one leg may be sent where its own way is full: by the same formula as the uplink, on itself, so that nobody else pays for it. */
import { Calm } from './calm.ts';
import type { LegCap } from './contract.ts';

/** No leg is forgotten: less than this says nothing of whether it has room again. */
const LEAST_BPS = 50_000;
/** Of what the leg's way carries: the rest lets its queue empty. */
const USED = 0.95;
const FULL_MS = 12;
/** A queue of its own that is no jitter stays so long at least. */
const STAYS_MS = 150;
/** How fast a full queue is emptied: at 300 ms of it nothing would be sent. */
const EMPTIED_OVER_MS = 300;
const LEAST_USED = 0.5;
/** A way that has room again is tried a little at a time. */
const GROWTH_PER_S = 0.08;
const MOST_STEP_MS = 200;
/** Above so much of what the uplink carries no cap is of use. */
const RELEASED = 1;

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
  #lastMs: number | undefined;
  #fullSinceMs: number | undefined;

  get capBps(): number | undefined {
    if (this.#carriesBps === undefined) return undefined;
    const used = this.#queueMs > FULL_MS / 2 ? USED - (this.#queueMs - FULL_MS / 2) / EMPTIED_OVER_MS : USED;
    return Math.max(LEAST_BPS, this.#carriesBps * Math.max(LEAST_USED, used));
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
    this.#carriesBps = Math.max(LEAST_BPS, (this.#carriesBps ?? sentBps) / 2);
    this.#why = 'silence';
    this.#calm.take(USED * this.#carriesBps, nowMs);
  }

  #publish(uplinkBps: number, nowMs: number): void {
    if (this.#carriesBps === undefined) return;
    if (this.#carriesBps > RELEASED * uplinkBps) this.#carriesBps = undefined;
    else this.#calm.take(USED * this.#carriesBps, nowMs);
  }
}
