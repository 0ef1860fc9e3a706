/**
 * How much of strangers' STUN the kernel lets through while it is flooded with it. What is beyond the allowance of {@link Reporters} is
 * dropped anyway, whoever has sent it: where the kernel drops as large a share of it unseen, nobody loses more, and a flood costs no
 * time. Pure: it is told what has come.
 */
import { CHECKS_PER_SECOND } from './reporters.ts';

/** Beyond this what has come would be dropped in part; under half of it more is let through again, so that it does not go to and fro. */
const MOST_PER_SECOND = CHECKS_PER_SECOND;
const FEW_PER_SECOND = CHECKS_PER_SECOND / 2;
/** What one step may add: a flood that is still there shows itself before all of it is let in. */
const MOST_GROWTH = 2;
/** More than any line carries; so it is noticed within a second and a half that a flood is over. */
const LEAST_SHARE = 1 / 4096;

export class StunRation {
  #share = 1;

  /** Of each stranger's STUN messages so many are let through, 0..1. */
  get share(): number {
    return this.#share;
  }

  /**
   * @param perSecond how many messages of strangers have come through lately
   * @returns whether {@link share} is another one now
   */
  look(perSecond: number): boolean {
    const before = this.#share;
    if (perSecond > MOST_PER_SECOND) this.#share *= MOST_PER_SECOND / perSecond;
    else if (perSecond < FEW_PER_SECOND) this.#share *= MOST_GROWTH;
    this.#share = Math.min(1, Math.max(LEAST_SHARE, this.#share));
    return this.#share !== before;
  }
}
