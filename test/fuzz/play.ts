/** Plays garbled inputs to one target, and keeps the first that it does not bear, as short as it gets. */
import { seededRandom } from '../planning/rooms.ts';
import { mutated } from './mutate.ts';

export interface Target {
  readonly name: string;
  /** Good inputs, as real programs send them. */
  readonly corpus: readonly Uint8Array[];
  /** Throws where the parser does not do what it says. */
  readonly check: (bytes: Uint8Array) => void;
}

export interface Finding {
  readonly target: string;
  readonly bytes: Uint8Array;
  readonly error: unknown;
}

/** @returns undefined where every input was borne */
export function play(target: Target, seed: number, runs: number): Finding | undefined {
  const random = seededRandom(seed);
  for (const bytes of target.corpus) {
    const error = errorOf(target, bytes);
    if (error !== undefined) return { target: target.name, bytes, error };
  }
  for (let run = 0; run < runs; run += 1) {
    const bytes = mutated(target.corpus, random);
    if (errorOf(target, bytes) !== undefined) return shortened(target, bytes);
  }
  return undefined;
}

export function errorOf({ check }: Target, bytes: Uint8Array): unknown {
  try {
    check(bytes);
    return undefined;
  } catch (error) {
    return error ?? new Error('thrown without a reason');
  }
}

/** As short as it gets: pieces are left out as long as the rest still fails. */
export function shortened(target: Target, bytes: Uint8Array): Finding {
  let shortest = bytes;
  for (let size = bytes.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at + size <= shortest.length; ) {
      const rest = Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + size)]);
      if (errorOf(target, rest) === undefined) at += size;
      else shortest = rest;
    }
  }
  return { target: target.name, bytes: shortest, error: errorOf(target, shortest) };
}
