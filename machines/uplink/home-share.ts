/**
 * Peers behind one router fill one line, and each finds what the others leave of it. As all of them grow and give way in proportion to
 * what they have, shares stay about as unequal as they began (Chiu and Jain 1989, on the limits of such rules). So each tells what it
 * has, as the flows of one sender do (RFC 8699). Whoever has more than its fair share lets others ask the line first, and gives them a
 * little of it at a time for as long as they take it.
 *
 * No word of another raises a share: only the line does, when it is asked. And all that others say takes no more than what leaves an
 * equal part of what the line was seen to carry for us.
 */
import type { LinePart } from '../messages.ts';

/** Shares that differ by less are alike: of two they are fair by Jain's index to .99. */
const ALIKE = 0.1;
/** Whoever has more asks the line in turn, too, but less often: perhaps it is there for nobody else. */
const TURN_MS = 6000;
const ROUND_MS = 8000;
/** At once, of what we have: so little is not missed where nobody takes it. */
const GIFT = 0.15;
/** The next one, where so much of this one was taken: the line fills again before others have all of it. Else when all had their turn. */
const GIFT_EVERY_MS = 1000;
const TAKEN = 0.25;
/** So much more found than plans use shows that the line has room: a queue of others makes it seem a tenth. */
const ROOM = 1.25;
/** More do not share one line of a home: whatever they say, so much of it is ours. */
const MOST_PARTS = 8;

interface Gift {
  readonly atMs: number;
  readonly bps: number;
  /** What others had then. */
  readonly theirsBps: number;
}

export class HomeShare {
  /** Since when we have more than our share. */
  #muchSinceMs: number | undefined;
  #isYielding = false;
  #gift: Gift | undefined;
  /** What the line carried for us, less what it has shown since that it does not: what was given is not taken off. */
  #seenBps = 0;
  #lastBps = 0;

  /** What is known of the line, in bit/s that are used. */
  sees(bps: number): void {
    if (bps < this.#lastBps) this.#seenBps *= bps / this.#lastBps;
    this.#seenBps = Math.max(this.#seenBps, bps);
    this.#lastBps = bps;
  }

  /** It is others' turn to ask the line for more. */
  get isYielding(): boolean {
    return this.#isYielding;
  }

  /**
   * @param foundBps what of the line could be used by what is known of it, plans or not
   * @returns what we have from now on, where that is not what we had: less where something is given, more where what others gave is found
   */
  shares(own: LinePart, theirs: readonly LinePart[], foundBps: number, nowMs: number): number | undefined {
    const fairBps = fairOf([own, ...theirs]);
    const isMuch = own.bps > (1 + ALIKE) * fairBps;
    this.#muchSinceMs = isMuch ? (this.#muchSinceMs ?? nowMs) : undefined;
    this.#isYielding = isMuch && (nowMs - (this.#muchSinceMs ?? nowMs)) % ROUND_MS < TURN_MS;
    // Where we have found room others will.
    const isFull = foundBps <= ROOM * own.bps;
    if (this.#isYielding) return isFull ? this.#gives(own.bps, fairBps, theirs, nowMs) : undefined;
    const takenBps = Math.min(foundBps, fairBps);
    return theirs.length > 0 && takenBps > (1 + ALIKE / 2) * own.bps ? takenBps : undefined;
  }

  #gives(ownBps: number, fairBps: number, theirs: readonly LinePart[], nowMs: number): number | undefined {
    const theirsBps = sumOf(theirs);
    if (!this.#isTaken(theirsBps, nowMs)) return undefined;
    const leastBps = Math.max(fairBps, this.#seenBps / Math.min(MOST_PARTS, theirs.length + 1));
    const keptBps = Math.max(leastBps, (1 - GIFT) * ownBps);
    if (keptBps >= ownBps) return undefined;
    this.#gift = { atMs: nowMs, bps: ownBps - keptBps, theirsBps };
    this.#lastBps = keptBps;
    return keptBps;
  }

  #isTaken(theirsBps: number, nowMs: number): boolean {
    if (this.#gift === undefined) return true;
    const sinceMs = nowMs - this.#gift.atMs;
    const isTaken = theirsBps - this.#gift.theirsBps >= TAKEN * this.#gift.bps;
    return sinceMs >= (isTaken ? GIFT_EVERY_MS : ROUND_MS);
  }
}

/** What each of those has who could use more, if the line is shared out from below (max-min): no one gets more than it can use. */
function fairOf(parts: readonly LinePart[]): number {
  let [left, count] = [sumOf(parts), parts.length];
  const content = parts.filter(({ isShort }) => !isShort).map(({ bps }) => bps);
  for (const bps of content.sort((a, b) => a - b)) {
    if (bps * count > left) break;
    left -= bps;
    count -= 1;
  }
  return count === 0 ? Number.POSITIVE_INFINITY : left / count;
}

function sumOf(parts: readonly LinePart[]): number {
  return parts.reduce((sum, { bps }) => sum + bps, 0);
}
