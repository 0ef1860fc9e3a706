/** When the line is asked whether it carries more, and how much more. Only what the plan could use is asked for. */
import type { PeerId } from '../messages.ts';
import { Probe, type ProbeResult } from './probe.ts';
import { CHECKS, ProbeSize } from './probe-size.ts';

/** The search begins here, or at `--upload` if that is less; each step asks for so much more. */
const FIRST_BPS = 500_000;
/** Where `--upload` names more, the search may begin higher, but not so high that a slow line would stand still for long. */
const HIGHEST_FIRST_BPS = 2_000_000;
const STEP = 2.2;
/** From so much on in larger steps, of fewer ms: a line that carries no more is full for no longer than a frame or two. */
const FAST_FROM_BPS = 2_000_000;
const FAST_STEP = 4;
/** Where packets come at odd times, or of a step legs are not of one mind, it is asked again, for longer, so often. */
const MOST_ASKED_AGAIN = 3;
/** A probe whose queue grows so slowly, in ms a ms, was nearly carried: what waited at its end may have waited for something else. */
const NEARLY_SLOPE = 0.14;
/** A queue that has grown by more is no luck, at whatever odd times packets come: from then on less is believed, too. In ms. */
const CLEAR_MS = 20;
/** To so much of what was known the line falls by no luck either. */
const FELL_PLAINLY = 0.7;

/** Later: so much more, at least. The smaller of two peers on one line asks for a larger share more, so that they become alike. */
const MORE = 1.25;
const LEAST_MORE_BPS = 350_000;
/** After a probe that found no more. */
const PAUSE_MS = 1000;
const PAUSE_GROWTH = 1.25;
const MOST_PAUSE_MS = 1600;
/** Where little of what is known is used, perhaps since what is known is too little for anything: after twice as long each time in vain. */
const MOST_IDLE_PAUSE_MS = 10_000;
/** Of what a probe shows that met a queue in the end. */
const RISE_SHARE = 0.5;
/** What of a probe is not told of so long after a round trip will not be. */
const UNTOLD_MS = 150;
const MOST_UNTOLD_MS = 1000;
/** Of what is known: so much of media shows whether the line carries it. */
const FILLED = 0.9;
/** What is known is asked for again with so much more: what it is too high by hides in a bucket, and with more than that fills it. */
const CHECKED_TIMES = 1.1;
/** By so much what was known was too high: more than what is measured is inexact by. */
const DECEIVED = 0.05;
/** What a probe shows that is so near to what is known is the same. */
const ALIKE = 0.1;
/** A probe that says nothing is sent again so soon, and ever later. */
const AGAIN_MS = 50;
const MOST_AGAIN_MS = 1600;
/** Two packets to each that is silent. */
const KNOCK_BYTES = 2400;
const KNOCK_EVERY_MS = 1000;
/** A rise that is taken back so soon was none: the router's bucket was larger. */
const FALSE_PASS_MS = 2500;
/**
 * So many in a row are believed: one may have met a moment of luck, and two a bucket that was fuller than before, for which the last is
 * longer. Where more have passed the line is another one: steps again.
 */
const PASSES = 3;

export interface ProbeWish {
  /** What the plan could use. */
  readonly targetBps: number;
  readonly capacityBps: number | undefined;
  /** Nothing waits, nothing is lost, and nobody else fills the line. */
  readonly isFree: boolean;
  /** What leaves. */
  readonly sentBps: number;
  /** Little of what is known is used. */
  readonly isIdle: boolean;
  readonly legs: readonly PeerId[];
  /** Legs of which nothing is heard any more. */
  readonly silent: readonly PeerId[];
  /** Bytes that have left. */
  readonly upTo: number;
}

export class Probing {
  #probe: Probe | undefined;
  #id = 0;
  #isSearching = true;
  #passes = 0;
  #pauseMs = PAUSE_MS;
  #idlePauseMs = PAUSE_MS;
  #nextAtMs = 0;
  readonly #size = new ProbeSize();
  /** What is known has been carried for longer than a bucket lasts, or media will show it. */
  #checksPassed = CHECKS;
  #isCheck = false;
  /** What was found last came of a step of the search: it may have been a bucket's. */
  #isUnchecked = false;
  #raisedAtMs = Number.NEGATIVE_INFINITY;
  #raisedFromBps = 0;
  #askedAgain = 0;
  /** A queue has been seen since the search began that was no luck: what looks like one from now on is one. */
  #wasFull = false;
  /** Something was asked again since the search began: no step is large, and each is longer until a full line was seen. */
  #isOdd = false;
  #againMs = AGAIN_MS;
  #knockAtMs = Number.NEGATIVE_INFINITY;
  #isKnock = false;
  #patienceMs = MOST_UNTOLD_MS;

  get running(): Probe | undefined {
    return this.#probe;
  }

  /** It is known what the line carries: the search is over, and what its last step has shown was asked for again, for longer. */
  get hasFound(): boolean {
    return !this.#isSearching && !this.#isUnchecked;
  }

  /** When something is due, if nothing is told before; infinity: only what is told makes anything due. */
  dueAtMs(nowMs: number): number {
    const probe = this.#probe;
    // What was due already waits for something else than time.
    if (probe === undefined) return this.#nextAtMs > nowMs ? this.#nextAtMs : Number.POSITIVE_INFINITY;
    return probe.endedAtMs === undefined ? probe.mustEndAtMs : probe.endedAtMs + this.#patienceMs;
  }

  /** @param awayMs how long it takes until the furthest leg tells of what has left */
  isDue(nowMs: number, horizonMs: number, awayMs: number): boolean {
    this.#patienceMs = Math.min(MOST_UNTOLD_MS, awayMs + UNTOLD_MS);
    const endedAtMs = this.#probe?.endedAtMs;
    return (
      endedAtMs !== undefined && (this.#isKnock || horizonMs >= endedAtMs || nowMs - endedAtMs >= this.#patienceMs)
    );
  }

  /** The line is another one, or was away: the search begins anew from what is known. */
  searchAnew(): void {
    this.#isSearching = true;
    this.#passes = 0;
    this.#wasFull = false;
    this.#isOdd = false;
  }

  start(wish: ProbeWish, capBps: number | undefined, nowMs: number): void {
    if (this.#probe !== undefined || this.#knocks(wish, nowMs) || wish.legs.length === 0) return;
    const { targetBps, capacityBps, isFree, isIdle, legs, upTo } = wish;
    if (nowMs >= this.#nextAtMs && isFree && this.#checks(wish, nowMs)) return;
    const isPatient = isIdle && !this.#isSearching && this.#passes === 0;
    if (nowMs < this.#nextAtMs + (isPatient ? this.#idlePauseMs - PAUSE_MS : 0) || !isFree) return;
    const known = capacityBps ?? 0;
    if (known >= targetBps) {
      this.#isSearching = false;
      this.#passes = 0;
      return;
    }
    const bps = Math.min(this.#asked(capacityBps, capBps), Math.max(targetBps, known + LEAST_MORE_BPS));
    this.#order(bps, Math.round(this.#bytesFor(bps, known)), legs, upTo, known, nowMs);
  }

  #bytesFor(bps: number, knownBps: number): number {
    const isAgain = this.#askedAgain > 0;
    if (!this.#isStep) return this.#size.more(bps, knownBps, { isAgain, isLast: this.#passes === PASSES - 1 });
    return this.#size.step(bps, this.#isFast(knownBps), isAgain || (this.#isOdd && !this.#wasFull));
  }

  /** What little padding has shown is asked for again for longer, unless media fills it. */
  #checks({ targetBps, capacityBps, sentBps, legs, upTo }: ProbeWish, nowMs: number): boolean {
    const isRising = this.#isStep || (this.#passes > 0 && (capacityBps ?? 0) < targetBps);
    if (this.#checksPassed >= CHECKS || capacityBps === undefined || isRising) return false;
    if (sentBps > FILLED * capacityBps) {
      this.#checksPassed = CHECKS;
      this.#isUnchecked = false;
      return false;
    }
    const bps = CHECKED_TIMES * capacityBps;
    this.#order(bps, Math.round(this.#size.check(bps, this.#checksPassed)), legs, upTo, 0, nowMs);
    this.#isCheck = true;
    return true;
  }

  /** A few packets, so that a leg that is there again can say so though nothing else goes there. */
  #knocks({ silent, upTo }: ProbeWish, nowMs: number): boolean {
    if (silent.length === 0 || nowMs < this.#knockAtMs) return false;
    this.#knockAtMs = nowMs + KNOCK_EVERY_MS;
    this.#order(FIRST_BPS, KNOCK_BYTES * silent.length, silent, upTo, 0, nowMs);
    this.#isKnock = true;
    return true;
  }

  #order(bps: number, bytes: number, legs: readonly PeerId[], upTo: number, knownBps: number, nowMs: number): void {
    this.#id += 1;
    this.#isKnock = false;
    this.#isCheck = false;
    this.#probe = new Probe({ id: this.#id, bps, bytes, legs }, nowMs, upTo, knownBps);
  }

  /** @returns what the line is known to carry now, or undefined where the probe has shown nothing new */
  finish(loss: number, isLossy: boolean, capacityBps: number | undefined, nowMs: number): number | undefined {
    const result = this.#probe?.result(loss);
    this.#probe = undefined;
    if (result === undefined || this.#isKnock) return undefined;
    const { carriedBps, sentBps } = result;
    if (!result.isAnswered) return this.#unanswered(nowMs);
    this.#againMs = AGAIN_MS;
    this.#isUnchecked = false;
    if (this.#isCheck) return this.#checked(result, isLossy, capacityBps ?? 0, nowMs);
    this.#wasFull ||= result.grownMs >= CLEAR_MS;
    const isPassed = result.isPassed || (!this.#wasFull && isNearlyCarried(result));
    if (!isPassed && this.#asksAgain(result)) return undefined;
    this.#askedAgain = 0;
    if (!isPassed || isLossy) return this.#failed(result, capacityBps, nowMs);
    return this.#passed(carriedBps ?? sentBps, capacityBps ?? 0, nowMs);
  }

  /** The line carries less than was thought. */
  fell(fromBps: number, toBps: number, nowMs: number): void {
    this.#idlePauseMs = PAUSE_MS;
    this.#wasFull ||= toBps < FELL_PLAINLY * fromBps;
    if (nowMs - this.#raisedAtMs > FALSE_PASS_MS || toBps > this.#raisedFromBps * (1 + (MORE - 1) / 2)) return;
    this.#raisedAtMs = Number.NEGATIVE_INFINITY;
    this.#size.wasDeceived(toBps);
  }

  get #isStep(): boolean {
    return this.#isSearching || this.#passes > PASSES;
  }

  #asked(capacityBps: number | undefined, capBps: number | undefined): number {
    if (capacityBps === undefined)
      return capBps === undefined ? FIRST_BPS : Math.max(FIRST_BPS, Math.min(capBps, HIGHEST_FIRST_BPS));
    return this.#isStep
      ? Math.max(FIRST_BPS, (this.#isFast(capacityBps) ? FAST_STEP : STEP) * capacityBps)
      : Math.max(MORE * capacityBps, capacityBps + LEAST_MORE_BPS);
  }

  #isFast(knownBps: number): boolean {
    return knownBps >= FAST_FROM_BPS && !this.#isOdd;
  }

  #asksAgain({ isNoisy, isWitnessed }: ProbeResult): boolean {
    const isLuck = isNoisy && !this.#wasFull;
    if (!isLuck && (isWitnessed || !this.#isStep)) return false;
    if (this.#askedAgain >= MOST_ASKED_AGAIN) return false;
    this.#askedAgain += 1;
    this.#isOdd = true;
    return true;
  }

  #unanswered(nowMs: number): undefined {
    this.#nextAtMs = nowMs + this.#againMs;
    this.#againMs = Math.min(MOST_AGAIN_MS, 2 * this.#againMs);
  }

  /** Of a check: whatever it carried for so long it carries. */
  #checked(
    { isPassed, carriedBps }: ProbeResult,
    isLossy: boolean,
    capacityBps: number,
    nowMs: number,
  ): number | undefined {
    this.#nextAtMs = nowMs + (isPassed ? 0 : this.#pauseMs);
    if ((isPassed && !isLossy) || carriedBps === undefined || carriedBps >= capacityBps) {
      this.#checksPassed += 1;
      return undefined;
    }
    if (carriedBps < (1 - DECEIVED) * capacityBps) {
      this.#raisedAtMs = Number.NEGATIVE_INFINITY;
      this.#size.wasDeceived(capacityBps);
    }
    return carriedBps;
  }

  #passed(carriedBps: number, capacityBps: number, nowMs: number): number | undefined {
    this.#passes += 1;
    this.#pauseMs = PAUSE_MS;
    this.#idlePauseMs = PAUSE_MS;
    this.#nextAtMs = nowMs;
    this.#isUnchecked = this.#isSearching;
    if ((!this.#isStep && this.#passes < PASSES) || carriedBps <= capacityBps) return undefined;
    [this.#raisedAtMs, this.#raisedFromBps] = [nowMs, capacityBps];
    this.#checksPassed = 0;
    return carriedBps;
  }

  #failed(result: ProbeResult, capacityBps: number | undefined, nowMs: number): number | undefined {
    const carriedBps = result.isWitnessed ? result.carriedBps : undefined;
    const wasStep = this.#isStep;
    this.#isSearching = capacityBps === undefined && carriedBps === undefined;
    this.#passes = 0;
    this.#nextAtMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(MOST_PAUSE_MS, this.#pauseMs * PAUSE_GROWTH);
    this.#idlePauseMs = Math.min(MOST_IDLE_PAUSE_MS, 2 * this.#idlePauseMs);
    if (carriedBps === undefined) return undefined;
    // What got through before packets waited may have been a bucket's.
    const lineBps = Math.min(carriedBps, result.fullBps ?? carriedBps);
    if (wasStep || capacityBps === undefined) {
      this.#checksPassed = 0;
      this.#nextAtMs = nowMs;
      return lineBps;
    }
    // Less is believed of a line that is full for longer than a probe.
    if (carriedBps < (1 - ALIKE) * capacityBps) this.#checksPassed = 0;
    else if (carriedBps < (1 + ALIKE) * capacityBps) this.#size.saw(result.bucketBytes ?? 0, capacityBps);
    return lineBps > capacityBps ? capacityBps + RISE_SHARE * (lineBps - capacityBps) : undefined;
  }
}

function isNearlyCarried({ isWitnessed, slope }: ProbeResult): boolean {
  return isWitnessed && slope <= NEARLY_SLOPE;
}
