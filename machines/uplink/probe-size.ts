/** How much padding tells what is asked: enough to see a queue grow by, and no more of a queue than that needs. */
import { WAITING_MS } from './capacity-sample.ts';
import { LASTS } from './probe.ts';

/** Of one step: long enough to see a queue grow, and enough packets to see it by. */
const STEP_MS = 40;
/** On a slow line more than most buckets hold, if that lasts no longer than this. */
const SLOW_STEP_MS = 80;
const SLOW_STEP_BYTES = 36_000;
/** Of a large step. */
const FAST_STEP_MS = 26;
const STEP_BYTES = 12_000;
/** Fewer packets than seven have none among their first and last ones that tell of it: it would be asked in vain for ever. */
const LEAST_BYTES = 7 * 1228;
/** What is asked again is asked for so much longer. */
const AGAIN_STEP_TIMES = 3;
const AGAIN_TIMES = 2;
/**
 * What a router lets pass before it begins to count (a token bucket), as far as nothing is known of it: a little on slow lines, where
 * more would be felt as a queue if there is none.
 */
const BUCKET_MS = 9;
const USUAL_BUCKET_BYTES = 8000;
const LEAST_BUCKET_BYTES = 1500;
const MOST_BUCKET_BYTES = 40_000;
/** What a probe says of it is not exact. */
const BUCKET_TIMES = 1.25;
const BUCKET_SHARE = 0.5;
/** Of one that seems smaller: media had used some of it, and a probe that is too short takes the rest for what the line carries. */
const FALL_SHARE = 0.25;
/** Media leave of it each time another part: what is believed has been asked for longer than what was seen of it lasts. */
const LAST_BUCKET_TIMES = 1.5;
/** The queue that has grown where its last packets begin, if the line carries no more. */
const PROBE_QUEUE_MS = WAITING_MS + 2;
/** So long at what the line is thought to carry: first little, since that may be far too much, then what no home's bucket lasts for. */
const CHECKS_MS = [100, 200];
export const CHECKS = CHECKS_MS.length;

export class ProbeSize {
  #bucketBytes: number | undefined;

  step(bps: number, isFast: boolean, isAgain: boolean): number {
    const slow = Math.min(SLOW_STEP_BYTES, (SLOW_STEP_MS * bps) / 8000);
    const bytes = Math.max(STEP_BYTES, ((isFast ? FAST_STEP_MS : STEP_MS) * bps) / 8000);
    return Math.max(slow, bytes * (isAgain ? AGAIN_STEP_TIMES : 1));
  }

  /**
   * Of a probe that asks whether the line carries so much more than is known.
   *
   * @param isLast if it passes, that is believed: no bucket of those that are usual may hide the truth
   */
  more(bps: number, knownBps: number, { isAgain, isLast }: { isAgain: boolean; isLast: boolean }): number {
    const known = this.#bucketOf(knownBps);
    const bucketBytes = isLast ? Math.max(USUAL_BUCKET_BYTES, LAST_BUCKET_TIMES * known) : known;
    const excessBits = (8 * bucketBytes + (PROBE_QUEUE_MS / 1000) * knownBps) / (1 - LASTS);
    const bytes = ((excessBits / (bps - knownBps)) * bps) / 8;
    return Math.max(LEAST_BYTES, bytes) * (isAgain ? AGAIN_TIMES : 1);
  }

  /** @param passed how many checks it has passed */
  check(bps: number, passed: number): number {
    return Math.max(STEP_BYTES, ((CHECKS_MS[passed] ?? 0) * bps) / 8000);
  }

  /** A probe has met a queue, later than it would have without a bucket of about so much. */
  saw(bucketBytes: number, knownBps: number): void {
    const known = this.#bucketOf(knownBps);
    const seen = BUCKET_TIMES * bucketBytes;
    this.#set(known + (seen > known ? BUCKET_SHARE : FALL_SHARE) * (seen - known));
  }

  /** What had passed was the bucket's. */
  wasDeceived(knownBps: number): void {
    this.#set(2 * this.#bucketOf(knownBps));
  }

  #bucketOf(knownBps: number): number {
    return (
      this.#bucketBytes ?? Math.max(LEAST_BUCKET_BYTES, Math.min(USUAL_BUCKET_BYTES, (BUCKET_MS * knownBps) / 8000))
    );
  }

  #set(bytes: number): void {
    this.#bucketBytes = Math.max(LEAST_BUCKET_BYTES, Math.min(MOST_BUCKET_BYTES, bytes));
  }
}
