/** Randomness from one seed. Each use has a stream of its own, so that one more draw here changes nothing there. */
import { seededRandom } from '../../planning/rooms.ts';

/** FNV-1a, 32 bits: spreads names over seeds. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export class Random {
  readonly #seed: number;
  /** A number in 0..1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.#seed = seed;
    this.next = seededRandom(seed);
  }

  /** The stream called `name`: the same whatever was drawn before, from this stream or any other. */
  fork(name: string): Random {
    let hash = FNV_OFFSET ^ this.#seed;
    for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), FNV_PRIME);
    return new Random(hash);
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** A whole number in least..most, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.integer(0, 255));
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.next() * items.length)];
  }
}
