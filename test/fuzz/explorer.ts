/** Looks for inputs that a target does not bear, and keeps those that get further into its code than all before: they breed the next. */
import { seededRandom } from '../planning/rooms.ts';
import type { Coverage } from './coverage.ts';
import { mutated, type Random } from './mutate.ts';
import { errorOf, type Finding, shortened, type Target } from './play.ts';

/** Inputs between two looks at the coverage, which take as long as some ten inputs. */
export const BATCH = 100;
/** Longer inputs are slow, and what they show can be shown by shorter ones. In bytes. */
const MOST_KEPT_BYTES = 4096;

export class Explorer {
  readonly #target: Target;
  readonly #coverage: Coverage;
  readonly #random: Random;
  readonly #corpus: Uint8Array[] = [];

  /** @param coverage forgets all that others have reached */
  constructor(target: Target, coverage: Coverage, seed: number) {
    this.#target = target;
    this.#coverage = coverage;
    this.#random = seededRandom(seed);
    coverage.forget();
    for (const bytes of target.corpus) {
      this.#reaches(bytes);
      this.#corpus.push(bytes);
    }
  }

  /** All that is worth keeping: the target's own corpus first. */
  get corpus(): readonly Uint8Array[] {
    return this.#corpus;
  }

  /** Tries {@link BATCH} more inputs. @returns the first that is not borne, as short as it gets */
  explore(): Finding | undefined {
    const inputs = Array.from({ length: BATCH }, () => mutated(this.#corpus, this.#random));
    let broken: Uint8Array | undefined;
    const isNew = this.#coverage.isNew(() => {
      broken = inputs.find((bytes) => errorOf(this.#target, bytes) !== undefined);
    });
    if (broken !== undefined) return shortened(this.#target, broken);
    if (isNew) this.#keepNew(inputs.filter(({ length }) => length <= MOST_KEPT_BYTES));
    return undefined;
  }

  /** Half by half: a look at the coverage takes longer than an input, and mostly one of many is new. */
  #keepNew(inputs: readonly Uint8Array[]): void {
    const [first] = inputs;
    if (first === undefined) return;
    if (inputs.length === 1) {
      if (this.#reaches(first)) this.#corpus.push(first);
      return;
    }
    const middle = inputs.length >> 1;
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      const isNew = this.#coverage.isNew(() => {
        for (const bytes of half) errorOf(this.#target, bytes);
      });
      if (isNew) this.#keepNew(half);
    }
  }

  #reaches(bytes: Uint8Array): boolean {
    return this.#coverage.learn(() => void errorOf(this.#target, bytes));
  }
}
