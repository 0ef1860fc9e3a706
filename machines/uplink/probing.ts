/** When the line is asked whether it carries more, and how much more. Only what the plan could use is asked for. */
import type { PeerId } from '../messages.ts';
import { Probe } from './probe.ts';

/** The search begins here, or at `--upload` if that is less; each step asks for so much more. */
const FIRST_BPS = 500_000;
/** Where `--upload` names more, the search may begin higher, but not so high that a slow line would stand still for long. */
const HIGHEST_FIRST_BPS = 2_000_000;
const STEP = 1.7;
/** Of one step: long enough to see a queue grow, and enough packets to see it by. */
const STEP_MS = 40;
const STEP_BYTES = 12_000;
/** Where packets come at odd times: so much longer, and asked again so often before the answer is believed. */
const NOISY_TIMES = 3;
const NOISY_STEADY_TIMES = 2;
const MOST_ASKED_AGAIN = 3;

/** Later: so much more, at least. The smaller of two peers on one line asks for a larger share more, so that they become alike. */
const MORE = 1.25;
const LEAST_MORE_BPS = 350_000;
/** What a router lets pass before it begins to count (a token bucket), as far as nothing is known of it. */
const BUCKET_BYTES = 2500;
const MOST_BUCKET_BYTES = 40_000;
/** The queue that would grow where the line carries no more. */
const PROBE_QUEUE_MS = 10;
/** After a probe that found no more. */
const PAUSE_MS = 1000;
const PAUSE_GROWTH = 1.25;
const MOST_PAUSE_MS = 1500;
const IDLE_PAUSE_MS = 10_000;
/** Of what a probe shows that met a queue in the end. */
const RISE_SHARE = 0.5;
/** A probe of which nobody has told for so long is lost. */
const UNTOLD_MS = 1000;
/** A rise that is taken back so soon was none: the router's bucket was larger. */
const FALSE_PASS_MS = 2500;
/** So many in a row are believed: one may have met a moment of luck. Where more have passed the line is another one: steps again. */
const PASSES = 2;

export interface ProbeWish {
  /** What the plan could use. */
  readonly targetBps: number;
  readonly capacityBps: number | undefined;
  /** Nothing waits, nothing is lost, and nobody else fills the line. */
  readonly isFree: boolean;
  /** Little of what is known is used. */
  readonly isIdle: boolean;
  readonly legs: readonly PeerId[];
  /** Bytes that have left. */
  readonly upTo: number;
}

export class Probing {
  #probe: Probe | undefined;
  #id = 0;
  #isSearching = true;
  #passes = 0;
  #pauseMs = PAUSE_MS;
  #nextAtMs = 0;
  #bucketBytes = BUCKET_BYTES;
  #raisedAtMs = Number.NEGATIVE_INFINITY;
  #raisedFromBps = 0;
  #isNoisy = false;
  #askedAgain = 0;

  get running(): Probe | undefined {
    return this.#probe;
  }

  get isSearching(): boolean {
    return this.#isSearching;
  }

  /** When something is due, if nothing is told before. */
  get dueAtMs(): number {
    const probe = this.#probe;
    if (probe === undefined) return this.#nextAtMs;
    return probe.endedAtMs === undefined ? probe.mustEndAtMs : probe.endedAtMs + UNTOLD_MS;
  }

  isDue(nowMs: number, horizonMs: number): boolean {
    const endedAtMs = this.#probe?.endedAtMs;
    return endedAtMs !== undefined && (horizonMs >= endedAtMs || nowMs - endedAtMs >= UNTOLD_MS);
  }

  /** The line is another one, or was away: the search begins anew from what is known. */
  searchAnew(): void {
    this.#isSearching = true;
    this.#passes = 0;
  }

  start({ targetBps, capacityBps, isFree, isIdle, legs, upTo }: ProbeWish, capBps: number | undefined, nowMs: number) {
    if (this.#probe !== undefined || legs.length === 0) return;
    const isPatient = isIdle && !this.#isSearching && this.#passes === 0;
    if (nowMs < this.#nextAtMs + (isPatient ? IDLE_PAUSE_MS - PAUSE_MS : 0) || !isFree) return;
    const known = capacityBps ?? 0;
    if (known >= targetBps) {
      this.#isSearching = false;
      return;
    }
    const bps = Math.min(this.#asked(capacityBps, capBps), Math.max(targetBps, known + LEAST_MORE_BPS));
    const bytes = this.#isStep ? this.#stepBytes(bps) : this.#steadyBytes(bps, known);
    this.#id += 1;
    this.#probe = new Probe({ id: this.#id, bps, bytes: Math.round(bytes), legs }, nowMs, upTo);
  }

  /** @returns what the line is known to carry now, or undefined where the probe has shown nothing new */
  finish(loss: number, isLossy: boolean, capacityBps: number | undefined, nowMs: number): number | undefined {
    const result = this.#probe?.result(loss);
    this.#probe = undefined;
    if (result === undefined) return undefined;
    const { carriedBps, sentBps } = result;
    if (!result.isPassed && result.isNoisy && this.#asksAgain()) return undefined;
    if (!result.isPassed || isLossy)
      return this.#failed(result.isWitnessed ? carriedBps : undefined, capacityBps, nowMs);
    return this.#passed(carriedBps ?? sentBps, capacityBps ?? 0, nowMs);
  }

  /** The line carries less than was thought. */
  fell(toBps: number, nowMs: number): void {
    if (nowMs - this.#raisedAtMs > FALSE_PASS_MS || toBps > this.#raisedFromBps * (1 + (MORE - 1) / 2)) return;
    this.#raisedAtMs = Number.NEGATIVE_INFINITY;
    this.#bucketBytes = Math.min(MOST_BUCKET_BYTES, 2 * this.#bucketBytes);
  }

  get #isStep(): boolean {
    return this.#isSearching || this.#passes > PASSES;
  }

  #asked(capacityBps: number | undefined, capBps: number | undefined): number {
    if (capacityBps === undefined)
      return capBps === undefined ? FIRST_BPS : Math.max(FIRST_BPS, Math.min(capBps, HIGHEST_FIRST_BPS));
    return this.#isStep ? STEP * capacityBps : Math.max(MORE * capacityBps, capacityBps + LEAST_MORE_BPS);
  }

  #stepBytes(bps: number): number {
    return Math.max(STEP_BYTES, (STEP_MS * bps) / 8000) * (this.#isNoisy ? NOISY_TIMES : 1);
  }

  #asksAgain(): boolean {
    if (!this.#isStep || this.#askedAgain >= MOST_ASKED_AGAIN) return false;
    this.#askedAgain += 1;
    this.#isNoisy = true;
    return true;
  }

  #steadyBytes(bps: number, capacityBps: number): number {
    const excessBits = 8 * this.#bucketBytes + (PROBE_QUEUE_MS / 1000) * capacityBps;
    const bytes = ((excessBits / (bps - capacityBps)) * bps) / 8;
    return bytes * (this.#isNoisy ? NOISY_STEADY_TIMES : 1);
  }

  #passed(carriedBps: number, capacityBps: number, nowMs: number): number | undefined {
    this.#passes += 1;
    this.#pauseMs = PAUSE_MS;
    this.#nextAtMs = nowMs;
    if ((!this.#isStep && this.#passes < PASSES) || carriedBps <= capacityBps) return undefined;
    [this.#raisedAtMs, this.#raisedFromBps] = [nowMs, capacityBps];
    return carriedBps;
  }

  #failed(carriedBps: number | undefined, capacityBps: number | undefined, nowMs: number): number | undefined {
    const wasSearching = this.#isStep;
    this.#isSearching = capacityBps === undefined && carriedBps === undefined;
    this.#passes = 0;
    this.#nextAtMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(MOST_PAUSE_MS, this.#pauseMs * PAUSE_GROWTH);
    if (carriedBps === undefined) return undefined;
    if (wasSearching || capacityBps === undefined) return carriedBps;
    // Less is believed of a line that is full for longer than a probe.
    return carriedBps > capacityBps ? capacityBps + RISE_SHARE * (carriedBps - capacityBps) : undefined;
  }
}
