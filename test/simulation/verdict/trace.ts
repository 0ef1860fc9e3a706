/** Everything that happened in a run, as a hash: two runs are the same if and only if their hashes are. */
import { createHash } from 'node:crypto';
import { readSsrc } from '../../../infra/rtp/header.ts';
import type { MediaPacket } from '../world/media/source.ts';

const FNV_PRIME = 0x01000193;

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #watch: ((line: string) => void) | undefined;
  #packets = 0;

  /** `watch` is shown every line; packets, of which there are too many, are only in the hash. */
  constructor(watch?: (line: string) => void) {
    this.#watch = watch;
  }

  line(atMs: number, text: string): void {
    const line = `${atMs.toFixed(3)} ${text}`;
    this.#hash.update(line).update('\n');
    this.#watch?.(line);
  }

  packet(atMs: number, receiver: number, hops: number, { index, bytes }: MediaPacket): void {
    this.#add(Math.round(atMs * 1000));
    this.#add(receiver);
    this.#add(hops);
    this.#add(index);
    this.#add(readSsrc(bytes));
  }

  #add(part: number): void {
    this.#packets = Math.imul(this.#packets ^ part, FNV_PRIME);
  }

  digest(): string {
    return this.#hash.update(String(this.#packets)).digest('hex').slice(0, 16);
  }
}
