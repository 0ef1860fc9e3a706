/**
 * Datagrams handed from the forwarding thread to the main thread: a ring of slots in shared memory with one writer and
 * one reader. The reader is woken once for as many as have come until it looks.
 */

import type { Endpoint } from '../contract.ts';
import { MAX_DATAGRAM_BYTES } from '../decision/decision.ts';
import { ADDRESS_WORDS, readAddress } from './socket-address.ts';

/** At 10 Mbit/s for a pause of the main thread of two seconds. In 3 MB. */
const SLOTS = 2048;

/** Control words, each written by one side only, except WAKING which both exchange. */
const WRITTEN = 0;
const READ = 1;
const WAKING = 2;
const CONTROL_WORDS = 16;

/** Words at the head of a slot; the sender's address follows, then the bytes. */
const SSRC = 0;
const EXTENDED = 1;
const LENGTH = 2;
const ACTION = 3;
const ADDRESS = 4;
/** Which of our addresses it came to; a zero where that does not matter. */
const LOCAL = ADDRESS + ADDRESS_WORDS;
const HEAD_WORDS = LOCAL + ADDRESS_WORDS;

const SLOT_WORDS = HEAD_WORDS + Math.ceil(MAX_DATAGRAM_BYTES / 4);
const RING_BYTES = 4 * (CONTROL_WORDS + SLOTS * SLOT_WORDS);

export function allocateRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(RING_BYTES);
}

/** The writer's end. */
export class RingWriter {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #wake: () => void;
  #written: number;
  #unannounced = false;

  /** @param wake must make the reader call {@link RingReader.drain} soon, in its own thread */
  constructor(memory: SharedArrayBuffer, wake: () => void) {
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory);
    this.#wake = wake;
    this.#written = Atomics.load(this.#words, WRITTEN);
  }

  /**
   * Copies a datagram in.
   *
   * @param local which of our addresses it came to, as a socket address; null where that does not matter
   * @returns false when the reader is a whole ring behind
   */
  write(
    packet: Uint8Array,
    length: number,
    from: Int32Array,
    fromAt: number,
    head: RingHead,
    local: Int32Array | null,
  ): boolean {
    if (((this.#written - Atomics.load(this.#words, READ)) | 0) >= SLOTS) return false;
    const at = slotAt(this.#written);
    const words = this.#words;
    words[at + SSRC] = head.ssrc | 0;
    words[at + EXTENDED] = head.extendedSequence;
    words[at + LENGTH] = length;
    words[at + ACTION] = head.action;
    for (let word = 0; word < ADDRESS_WORDS; word++) words[at + ADDRESS + word] = from[fromAt + word] ?? 0;
    if (local === null) words[at + LOCAL] = 0;
    else words.set(local, at + LOCAL);
    copyBytes(packet, this.#bytes, 4 * (at + HEAD_WORDS), length);
    this.#written = (this.#written + 1) | 0;
    this.#unannounced = true;
    return true;
  }

  /** Makes the written ones visible and wakes the reader if it may be asleep. */
  announce(): void {
    if (!this.#unannounced) return;
    this.#unannounced = false;
    Atomics.store(this.#words, WRITTEN, this.#written);
    if (Atomics.exchange(this.#words, WAKING, 1) === 0) this.#wake();
  }
}

/** What a datagram in the ring is. One object serves all. */
export interface RingHead {
  /** What is to become of it: one of the decision's `ACTION`. */
  action: number;
  /** Of a packet to deliver; else 0, as is the next. */
  ssrc: number;
  extendedSequence: number;
}

/** The reader's end. */
export class RingReader {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  /** Of the sender, then ours. */
  readonly #address = new Int32Array(2 * ADDRESS_WORDS);
  /** Consumers get ordinary memory, as from a socket: not every API takes the shared kind. */
  readonly #scratch = new Uint8Array(MAX_DATAGRAM_BYTES);
  readonly #head: RingHead = { action: 0, ssrc: 0, extendedSequence: 0 };

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory);
  }

  /** Hands out what has been written, oldest first. `packet` and `head` are valid during the call. */
  drain(take: (packet: Uint8Array, head: RingHead, from: Endpoint, local: string | null) => void): void {
    // Before reading how much there is: what is written after this wakes us again.
    Atomics.store(this.#words, WAKING, 0);
    const written = Atomics.load(this.#words, WRITTEN);
    let read = Atomics.load(this.#words, READ);
    while (read !== written) {
      const at = slotAt(read);
      const length = this.#words[at + LENGTH] ?? 0;
      const start = 4 * (at + HEAD_WORDS);
      this.#scratch.set(this.#bytes.subarray(start, start + length));
      this.#head.ssrc = (this.#words[at + SSRC] ?? 0) >>> 0;
      this.#head.extendedSequence = this.#words[at + EXTENDED] ?? 0;
      this.#address.set(this.#words.subarray(at + ADDRESS, at + HEAD_WORDS));
      const local =
        this.#address[ADDRESS_WORDS] === 0 ? null : readAddress(this.#address.buffer, 4 * ADDRESS_WORDS).host;
      this.#head.action = this.#words[at + ACTION] ?? 0;
      read = (read + 1) | 0;
      // Freed first, so that a consumer that throws does not get the same datagram for ever.
      Atomics.store(this.#words, READ, read);
      take(this.#scratch.subarray(0, length), this.#head, readAddress(this.#address.buffer, 0), local);
    }
  }
}

function slotAt(count: number): number {
  return CONTROL_WORDS + (count & (SLOTS - 1)) * SLOT_WORDS;
}

/** `set` would need a view of the datagram's bytes, and so an object for each. */
function copyBytes(from: Uint8Array, to: Uint8Array, at: number, length: number): void {
  for (let index = 0; index < length; index++) to[at + index] = from[index] ?? 0;
}
