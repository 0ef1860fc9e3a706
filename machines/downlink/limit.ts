/**
 * What is asked for at most. A full line passes on what it carries and no more, so that what comes is what it carries: that is taken at
 * once. Whether it has room again only more traffic can tell: more is asked for a little at a time, and more seldom each time in vain.
 */

/** A queue is acted on that has stayed for so long beyond what is looked back over. */
const LASTS_MS = 100;
/** Where little comes of what came before, it is more likely that our machine stood still. */
const LITTLE = 0.2;
const LITTLE_LASTS_MS = 1000;
/** The share of what comes just now in what is known, each look. */
const FOLLOW_SHARE = 0.3;
/** Who fills the line beside us takes what it is left: giving way further would end at nothing. */
const LEAST_KEPT = 0.5;
/** So long after it was full more is asked for, and after twice as long where that was in vain. */
const RETRY_MS = 10_000;
const MOST_RETRY_MS = 240_000;
/** The next step, if nothing waits: so much later. */
const STEP_MS = 3000;
/** A queue within this of a step is its own. */
const IN_VAIN_MS = 6000;
/** Such a step fills a line that has not changed by a fifth: what waits until we have asked for less again loses nothing. */
const STEP = 1.25;

export interface DownlinkReading {
  readonly isWaiting: boolean;
  readonly isFull: boolean;
  /** Just now, and over a second. */
  readonly cameBps: { readonly short: number; readonly long: number };
  /** Less is asked for than is wanted, so that a step would be of use. */
  readonly isLimited: boolean;
}

export class DownlinkLimit {
  #carriesBps: number | undefined;
  #fullSinceMs: number | undefined;
  /** What came when this queue was found. */
  #foundBps: number | undefined;
  #freeBps = 0;
  #retryMs = RETRY_MS;
  #steppedAtMs = Number.NEGATIVE_INFINITY;
  #nextStepMs = 0;

  get carriesBps(): number | undefined {
    return this.#carriesBps;
  }

  /** It is full, and has been for long enough to be sure. */
  get isFull(): boolean {
    return this.#foundBps !== undefined;
  }

  /** For how long the line has been full without a break. */
  fullForMs(nowMs: number): number {
    return nowMs - (this.#fullSinceMs ?? nowMs);
  }

  /** @returns whether more is asked for than before, to see whether it comes */
  take(reading: DownlinkReading, nowMs: number): boolean {
    const { isWaiting, isFull, cameBps } = reading;
    if (isFull) this.#fullSinceMs ??= nowMs;
    if (!isWaiting) {
      [this.#fullSinceMs, this.#foundBps, this.#freeBps] = [undefined, undefined, cameBps.long];
      return reading.isLimited && this.#rise(nowMs);
    }
    const lastsMs = cameBps.short < LITTLE * this.#freeBps ? LITTLE_LASTS_MS : LASTS_MS;
    if (isFull && this.fullForMs(nowMs) >= lastsMs) this.#follow(cameBps.short, nowMs);
    return false;
  }

  #follow(cameBps: number, nowMs: number): void {
    if (this.#foundBps === undefined) this.#find(cameBps, nowMs);
    else {
      const before = this.#carriesBps ?? cameBps;
      const leastBps = LEAST_KEPT * this.#foundBps;
      this.#carriesBps = Math.max(leastBps, before + FOLLOW_SHARE * (cameBps - before));
    }
    this.#nextStepMs = nowMs + this.#retryMs;
  }

  #find(cameBps: number, nowMs: number): void {
    const isInVain = nowMs - this.#steppedAtMs < IN_VAIN_MS;
    this.#retryMs = isInVain ? Math.min(MOST_RETRY_MS, 2 * this.#retryMs) : RETRY_MS;
    [this.#carriesBps, this.#foundBps] = [cameBps, cameBps];
  }

  #rise(nowMs: number): boolean {
    if (this.#carriesBps === undefined || nowMs < this.#nextStepMs) return false;
    this.#carriesBps *= STEP;
    [this.#steppedAtMs, this.#nextStepMs] = [nowMs, nowMs + STEP_MS];
    return true;
  }
}
