/** The indexes of what one stream sends (RFC 3711 section 3.3.1), so that none is ever given twice. */
import { extendIntoNextCycle, extendSequence } from '../rtp/sequence.ts';
import { ReplayWindow } from './replay-window.ts';

/** `again`: it has been given, or lies before the first. `behind`: so far back that nobody knows. */
export type NoIndex = 'again' | 'behind';

export class SentIndex {
  readonly #given = new ReplayWindow();

  /** The highest that was given; -1: none yet. */
  get highest(): number {
    return this.#given.highest;
  }

  /** Gives a packet of this sequence number its index. */
  next(sequence: number): number | NoIndex {
    const { highest } = this.#given;
    const index = highest < 0 ? sequence : extendSequence(highest, sequence);
    if (index < 0) return 'again';
    if (this.#given.isFresh(index)) this.#given.take(index);
    else return this.#given.isOld(index) ? 'behind' : 'again';
    return index;
  }

  /** The numbers go back to this one for good: they are of the next cycle, which those who open them must be told. */
  beginAnew(sequence: number): number {
    const index = extendIntoNextCycle(this.#given.highest, sequence);
    this.#given.take(index);
    return index;
  }
}
