/**
 * Datagrams that lie ready to be sent, in runs: those of a run have the same receivers, and can be the segments of one GSO message.
 * A run goes to most receivers as it lies here, so that what a frame of video costs beyond the system call grows with its receivers,
 * and hardly with its packets.
 */
import type { NativeMemory } from './libc.ts';
import type { MessageBlock } from './message-block.ts';

/** How many datagrams can lie here: what one GSO message can hold, and what one receive call brings. */
export const MOST_LAID = 64;

/** Limits of one GSO message: segments (UDP_MAX_SEGMENTS before Linux 6.9) and the size of an IP packet with headers. */
const MOST_SEGMENTS = 64;
const MOST_SEGMENTED_BYTES = 65_000;

/** Whether one GSO message can hold so much. */
export function isOneMessage(segments: number, bytes: number): boolean {
  return segments <= MOST_SEGMENTS && bytes <= MOST_SEGMENTED_BYTES;
}

export class DatagramRuns {
  readonly #block: MessageBlock;
  readonly #segmentation: boolean;
  readonly #first = new Int32Array(MOST_LAID);
  readonly #packets = new Int32Array(MOST_LAID);
  readonly #bytes = new Int32Array(MOST_LAID);
  readonly #openBytes = new Int32Array(MOST_LAID);
  #laid = 0;
  #runs = 0;

  /**
   * @param block its vectors from 0 on are the datagrams
   * @param segmentation whether the kernel has UDP GSO; without it every datagram is a run
   */
  constructor(block: MessageBlock, segmentation: boolean) {
    this.#block = block;
    this.#segmentation = segmentation;
  }

  /** How many datagrams lie here. */
  get laid(): number {
    return this.#laid;
  }

  /**
   * Lays `length` bytes at `offset` of `memory` behind the others. They must stay as they are until they have been sent.
   *
   * @param joins whether it has the same receivers as the one before
   * @returns its run: that of the one before, wherever it can be
   * @throws {RangeError} if {@link MOST_LAID} lie here already
   */
  lay(memory: NativeMemory, offset: number, length: number, joins: boolean): number {
    if (this.#laid === MOST_LAID) throw new RangeError(`No more than ${MOST_LAID} datagrams can be laid at once.`);
    const vector = this.#laid++;
    this.#block.setVector(vector, memory, offset, length);
    const newest = this.#runs - 1;
    if (joins && newest >= 0 && this.#takes(newest, length)) {
      this.#packets[newest] = this.packets(newest) + 1;
      this.#bytes[newest] = this.bytes(newest) + length;
      if (length < this.openBytes(newest)) this.#openBytes[newest] = 0;
      return newest;
    }
    const run = this.#runs++;
    this.#first[run] = vector;
    this.#packets[run] = 1;
    this.#bytes[run] = length;
    this.#openBytes[run] = this.#segmentation ? length : 0;
    return run;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#laid = 0;
    this.#runs = 0;
  }

  /** The vector of its first datagram; those of the others follow. */
  first(run: number): number {
    return this.#first[run] ?? 0;
  }

  packets(run: number): number {
    return this.#packets[run] ?? 0;
  }

  bytes(run: number): number {
    return this.#bytes[run] ?? 0;
  }

  /** The size that a datagram behind it must have, or a last one may fall short of; 0: none may follow. */
  openBytes(run: number): number {
    return this.#openBytes[run] ?? 0;
  }

  #takes(run: number, length: number): boolean {
    return length <= this.openBytes(run) && isOneMessage(this.packets(run) + 1, this.bytes(run) + length);
  }
}
