/**
 * What passes a path, packet by packet, for whoever reports what has come and whoever measures what the uplink takes: a ring in
 * shared memory with one writer, the thread that moves the packet, and one reader, the main thread. Writing allocates nothing.
 */
import { isRtcp, RTP_HEADER_BYTES, readSequence, readSsrcKey, readVersion } from '../../rtp/header.ts';
import type { NotesWanted } from '../contract.ts';
import { MAX_DATAGRAM_BYTES } from '../decision/decision.ts';
import type { Reporters } from '../decision/reporters.ts';
import type { Destinations } from '../table/table.ts';

const RTP_VERSION = 2;

/** 20,000 packets a second that come and leave again, for 100 ms, in 256 kB. What nobody reads in time is not written. */
const SLOTS = 4096;

/** What has become of a packet. */
export const NOTED = {
  /** It came, whatever has become of it then. */
  ARRIVED: 0,
  SENT: 1,
  /** It was sent again, under the number that it had. */
  RESENT: 2,
  /** It came, and the kernel has said when. */
  ARRIVED_THEN: 3,
} as const;

/** What is wanted, as the control word says it: each takes in the one before. */
const LEVELS: Readonly<Record<NotesWanted, number>> = { nothing: 0, arrivals: 1, all: 2 };

/** Control words. The reader writes the first two, the writer the third. */
const READ = 0;
const WANTED = 1;
const WRITTEN = 2;
const CONTROL_WORDS = 4;

/**
 * Words of a slot, which is a line of a processor's cache: the time; SSRC, sequence number, length and what it is; how many addresses, of
 * which book, and their ids. A packet that leaves for more takes several.
 */
const AT_MS = 0;
const SSRC = 2;
const SEQUENCE = 3;
const LENGTH = 4;
const WHAT = 5;
const COUNT = 6;
const BOOK = 7;
const ADDRESSES = 8;
const SLOT_WORDS = 16;
const MOST_ADDRESSES = SLOT_WORDS - ADDRESSES;

const LOG_BYTES = 4 * (CONTROL_WORDS + SLOTS * SLOT_WORDS);

/** One packet. One object serves all: it is only valid until the next is read. */
export interface Noted {
  what: number;
  /** How many addresses it came from or went to: {@link PacketLog.address} has each. */
  addresses: number;
  ssrc: number;
  /** Of 16 bits. */
  sequence: number;
  /** Of UDP payload. */
  bytes: number;
  atMs: number;
}

export class PacketLog {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  #written: number;
  /** The reader's: the next one, and behind the last one. */
  #read = 0;
  #end = 0;
  /** Which address book the ids of the writer are of. */
  #book = 0;

  /** @param memory of another log, which is written and read by either; zeroed for a new one */
  constructor(memory = new SharedArrayBuffer(LOG_BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#doubles = new Float64Array(memory);
    this.#written = Atomics.load(this.#words, WRITTEN);
  }

  /** Ids of addresses are those of another book from now on; what was written before is not read any more. */
  useBook(book: number): void {
    this.#book = book;
  }

  /** What is to be written. */
  want(wanted: NotesWanted): void {
    Atomics.store(this.#words, WANTED, LEVELS[wanted]);
  }

  get wantsArrivals(): boolean {
    return Atomics.load(this.#words, WANTED) >= LEVELS.arrivals;
  }

  #wants(what: number): boolean {
    const isArrival = what === NOTED.ARRIVED || what === NOTED.ARRIVED_THEN;
    return isArrival ? this.wantsArrivals : Atomics.load(this.#words, WANTED) >= LEVELS.all;
  }

  /**
   * Takes note of an RTP packet.
   *
   * @param what one of {@link NOTED}
   * @param packet may be longer than the datagram
   */
  note(what: number, address: number, packet: Uint8Array, length: number, nowMs: number): void {
    if (!this.#wants(what) || this.#isFull) return;
    this.#words[slotAt(this.#written) + ADDRESSES] = address;
    this.#write(what, packet, length, 1, nowMs);
  }

  /**
   * Takes note of a datagram that has come, if it is RTP of somebody whom the table names: also of a stream that it does not name,
   * for that is how whoever looks for what its uplink takes sends padding.
   *
   * @param from the sender's id, or `UNKNOWN_ADDRESS`
   * @param atMs when the kernel got it, if that is known; else it came now
   */
  arrived(
    reporters: Reporters,
    from: number,
    packet: Uint8Array,
    length: number,
    nowMs: number,
    atMs?: number | undefined,
  ): void {
    if (!this.wantsArrivals || length < RTP_HEADER_BYTES || length > MAX_DATAGRAM_BYTES) return;
    if (readVersion(packet) !== RTP_VERSION || isRtcp(packet) || !reporters.takesArrival(from, nowMs)) return;
    if (atMs === undefined) this.note(NOTED.ARRIVED, from, packet, length, nowMs);
    else this.note(NOTED.ARRIVED_THEN, from, packet, length, atMs);
  }

  /** Takes note of a packet that leaves for each of `destinations`. */
  sent(destinations: Destinations, packet: Uint8Array, length: number, nowMs: number): void {
    if (!this.#wants(NOTED.SENT)) return;
    for (let first = 0; first < destinations.length && !this.#isFull; first += MOST_ADDRESSES) {
      const count = Math.min(MOST_ADDRESSES, destinations.length - first);
      const at = slotAt(this.#written) + ADDRESSES;
      for (let index = 0; index < count; index++) this.#words[at + index] = destinations[first + index] ?? 0;
      this.#write(NOTED.SENT, packet, length, count, nowMs);
    }
  }

  get #isFull(): boolean {
    return ((this.#written - Atomics.load(this.#words, READ)) | 0) >= SLOTS;
  }

  /** The next slot has its addresses. */
  #write(what: number, packet: Uint8Array, length: number, addresses: number, nowMs: number): void {
    const words = this.#words;
    const at = slotAt(this.#written);
    this.#doubles[(at + AT_MS) >> 1] = nowMs;
    words[at + SSRC] = readSsrcKey(packet);
    words[at + SEQUENCE] = readSequence(packet);
    words[at + LENGTH] = length;
    words[at + WHAT] = what;
    words[at + COUNT] = addresses;
    words[at + BOOK] = this.#book;
    this.#written = (this.#written + 1) | 0;
    Atomics.store(words, WRITTEN, this.#written);
  }

  /** The reader begins with what has been written by now. */
  open(): void {
    this.#read = Atomics.load(this.#words, READ);
    this.#end = Atomics.load(this.#words, WRITTEN);
  }

  /** When the oldest was written that has not been read; infinity where all has been that was there at {@link open}. */
  get nextAtMs(): number {
    if (this.#read === this.#end) return Number.POSITIVE_INFINITY;
    return this.#doubles[(slotAt(this.#read) + AT_MS) >> 1] ?? 0;
  }

  /**
   * Reads the oldest into `into`; there must be one.
   *
   * @returns whether its addresses are of `book`
   */
  read(into: Noted, book: number): boolean {
    const words = this.#words;
    const at = slotAt(this.#read);
    into.what = words[at + WHAT] ?? 0;
    into.addresses = words[at + COUNT] ?? 0;
    into.ssrc = (words[at + SSRC] ?? 0) >>> 0;
    into.sequence = words[at + SEQUENCE] ?? 0;
    into.bytes = words[at + LENGTH] ?? 0;
    into.atMs = this.#doubles[(at + AT_MS) >> 1] ?? 0;
    this.#read = (this.#read + 1) | 0;
    return words[at + BOOK] === book;
  }

  /** Where the packet that was read last came from or went to, by its id in the table's address book. */
  address(index: number): number {
    return this.#words[slotAt(this.#read - 1) + ADDRESSES + index] ?? 0;
  }

  /** What has been read makes room. */
  close(): void {
    Atomics.store(this.#words, READ, this.#read);
  }
}

function slotAt(count: number): number {
  return CONTROL_WORDS + (count & (SLOTS - 1)) * SLOT_WORDS;
}
