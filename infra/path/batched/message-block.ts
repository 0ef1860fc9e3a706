/**
 * An array of `struct mmsghdr` (recvmmsg(2)) in native memory, filled in word by word. The layout is that of 64-bit
 * Linux; musl's differs only in where it puts padding.
 */
import { NativeMemory, type Pointer, SOL_UDP, UDP_SEGMENT } from './libc.ts';
import type { PacketInfo } from './packet-info.ts';

/** Room for a `sockaddr_in` or `sockaddr_in6` (28 bytes), at a round stride. */
export const ADDRESS_BYTES = 32;

const HEADER_BYTES = 64;
const HEADER_WORDS = HEADER_BYTES / 4;
const IOVEC_BYTES = 16;
const IOVEC_WORDS = IOVEC_BYTES / 4;

/** Word offsets within one `mmsghdr`. Pointers take two words, the lower first. */
const NAME = 0;
const NAME_LENGTH = 2;
const VECTOR = 4;
const VECTOR_LENGTH = 6;
const CONTROL = 8;
const CONTROL_LENGTH = 10;
const MESSAGE_LENGTH = 14;

/** Of a control message: its length as a 64-bit number, its level and its type (cmsg(3)); its bytes follow, padded to 8. */
const CMSG_BYTES = 16;
const CMSG_WORDS = CMSG_BYTES / 4;
/** Of the segment size, 2 bytes: CMSG_SPACE and CMSG_LEN. */
const SEGMENT_SPACE = 24;
const SEGMENT_WORDS = SEGMENT_SPACE / 4;
const SEGMENT_LENGTH = 18;
/** Room for that and a `PacketInfo`, which has 20 bytes at most, or for such a one and a time of arrival, which has 16. */
const CONTROL_SPACE = SEGMENT_SPACE + 48;
const CONTROL_WORDS = CONTROL_SPACE / 4;

export class MessageBlock {
  readonly messages: number;
  readonly vectors: number;
  readonly #headers: NativeMemory;
  readonly #headerWords: Int32Array;
  readonly #iovecs: NativeMemory;
  readonly #iovecWords: Int32Array;
  readonly #controls: NativeMemory;
  readonly #controlWords: Int32Array;
  /** What messages and vectors point to: an address in native memory keeps nothing from being collected. */
  readonly #names: NativeMemory[] = [];
  /** Of all vectors so far, and the last one's: a sender's datagrams lie in one slab, whatever their number. */
  readonly #contents = new Set<NativeMemory>();
  #lastContent: NativeMemory | null = null;

  constructor(messages: number, vectors: number) {
    this.messages = messages;
    this.vectors = vectors;
    this.#headers = new NativeMemory(messages * HEADER_BYTES);
    this.#headerWords = new Int32Array(this.#headers.buffer);
    this.#iovecs = new NativeMemory(vectors * IOVEC_BYTES);
    this.#iovecWords = new Int32Array(this.#iovecs.buffer);
    this.#controls = new NativeMemory(messages * CONTROL_SPACE);
    this.#controlWords = new Int32Array(this.#controls.buffer);
    for (let message = 0; message < messages; message++) this.#prepareControl(message);
  }

  /** Where message number `first` lies, for the system call. */
  pointer(first: number): Pointer {
    return this.#headers.address + first * HEADER_BYTES;
  }

  setName(message: number, memory: NativeMemory, offset: number, length: number): void {
    const at = message * HEADER_WORDS;
    this.#headerWords[at + NAME] = (memory.low + offset) | 0;
    this.#headerWords[at + NAME + 1] = memory.high;
    this.#headerWords[at + NAME_LENGTH] = length;
    this.#names[message] = memory;
  }

  /** The message's bytes are those of `count` vectors from `first` on. */
  setVectors(message: number, first: number, count: number): void {
    const at = message * HEADER_WORDS;
    this.#headerWords[at + VECTOR] = (this.#iovecs.low + first * IOVEC_BYTES) | 0;
    this.#headerWords[at + VECTOR + 1] = this.#iovecs.high;
    this.#headerWords[at + VECTOR_LENGTH] = count;
  }

  /** `memory` stays in place as long as this block does. */
  setVector(vector: number, memory: NativeMemory, offset: number, length: number): void {
    const at = vector * IOVEC_WORDS;
    this.#iovecWords[at] = (memory.low + offset) | 0;
    this.#iovecWords[at + 1] = memory.high;
    this.#iovecWords[at + 2] = length;
    if (memory !== this.#lastContent) this.#hold(memory);
  }

  /** The vectors from `to` on become those from `first` on. */
  copyVectors(first: number, count: number, to: number): void {
    this.#iovecWords.copyWithin(to * IOVEC_WORDS, first * IOVEC_WORDS, (first + count) * IOVEC_WORDS);
  }

  vectorLength(vector: number): number {
    return this.#iovecWords[vector * IOVEC_WORDS + 2] ?? 0;
  }

  /**
   * Has the kernel cut the message into datagrams of `bytes` (UDP_SEGMENT, udp(7)); 0: it is one datagram. It leaves from where the
   * kernel chooses, unless `from` says otherwise.
   */
  setSegments(message: number, bytes: number, from?: PacketInfo): void {
    const segment = bytes === 0 ? 0 : SEGMENT_SPACE;
    if (bytes !== 0) this.#controlWords[message * CONTROL_WORDS + CMSG_WORDS] = bytes;
    const origin = from === undefined ? 0 : this.#writeOrigin(message, from);
    this.#setControl(message, bytes === 0 ? SEGMENT_SPACE : 0, segment + origin);
  }

  /** Has the kernel write control data with the next message that it receives here; to be said again each time. */
  openControl(message: number): void {
    this.#setControl(message, 0, CONTROL_SPACE);
  }

  /** What lies there. */
  get controlWords(): Int32Array {
    return this.#controlWords;
  }

  /** Where in {@link controlWords} the bytes begin of what the kernel says of this kind with a received message; -1 if it says nothing. */
  findControl(message: number, level: number, type: number): number {
    const words = this.#controlWords;
    const begin = message * CONTROL_WORDS;
    const end = begin + (this.#headerWords[message * HEADER_WORDS + CONTROL_LENGTH] ?? 0) / 4;
    for (let at = begin; at + CMSG_WORDS <= end; ) {
      if (words[at + 2] === level && words[at + 3] === type) return at + CMSG_WORDS;
      const bytes = words[at] ?? 0;
      if (bytes < CMSG_BYTES) return -1;
      at += ((bytes + 7) & ~7) / 4;
    }
    return -1;
  }

  /** @returns how many bytes of control data it is */
  #writeOrigin(message: number, { level, type, words }: PacketInfo): number {
    const at = message * CONTROL_WORDS + SEGMENT_WORDS;
    const bytes = CMSG_BYTES + 4 * words.length;
    this.#controlWords[at] = bytes;
    this.#controlWords[at + 2] = level;
    this.#controlWords[at + 3] = type;
    this.#controlWords.set(words, at + CMSG_WORDS);
    return (bytes + 7) & ~7;
  }

  #setControl(message: number, offset: number, length: number): void {
    const at = message * HEADER_WORDS;
    this.#headerWords[at + CONTROL] = (this.#controls.low + message * CONTROL_SPACE + offset) | 0;
    this.#headerWords[at + CONTROL_LENGTH] = length;
  }

  /** Bytes of a received message, the whole datagram's even if the vector was shorter (MSG_TRUNC). */
  messageLength(message: number): number {
    return this.#headerWords[message * HEADER_WORDS + MESSAGE_LENGTH] ?? 0;
  }

  /** For a message that is no longer what was received. */
  setMessageLength(message: number, bytes: number): void {
    this.#headerWords[message * HEADER_WORDS + MESSAGE_LENGTH] = bytes;
  }

  #hold(memory: NativeMemory): void {
    this.#contents.add(memory);
    this.#lastContent = memory;
  }

  #prepareControl(message: number): void {
    const header = message * HEADER_WORDS;
    this.#headerWords[header + CONTROL + 1] = this.#controls.high;
    const control = message * CONTROL_WORDS;
    this.#controlWords[control] = SEGMENT_LENGTH;
    this.#controlWords[control + 2] = SOL_UDP;
    this.#controlWords[control + 3] = UDP_SEGMENT;
  }
}
