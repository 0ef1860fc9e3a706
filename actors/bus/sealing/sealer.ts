/** Seals what we say. */
import { type Address, subjectOf } from '../../../machines/subjects.ts';
import type { Keys } from './contract.ts';
import { LOCKED, SIGNED, writeContent } from './envelope.ts';

const encoder = new TextEncoder();

export class Sealer {
  readonly #keys: Pick<Keys, 'identity' | 'room'>;

  constructor(keys: Pick<Keys, 'identity' | 'room'>) {
    this.#keys = keys;
  }

  /** @param forEpoch of the process that it is for; 0: for all, or not known */
  seal(address: Address, text: string, forEpoch: number): Uint8Array {
    const { identity, room } = this.#keys;
    const bytes = encoder.encode(text);
    if (identity === null && room === null) return bytes;
    const subject = subjectOf(address);
    const content = writeContent(subject, bytes, forEpoch, identity);
    return room === null
      ? Buffer.concat([Uint8Array.of(SIGNED), content])
      : Buffer.concat([Uint8Array.of(LOCKED), room.seal(address.from, subject, content)]);
  }
}
