/**
 * What has been received of one RTP stream: how far it has come, and which of its newest packets were delivered.
 * A sliding bitmap as in RFC 3711 section 3.3.2 and RFC 6479: constant time and memory for each packet.
 */
import { extendIntoNextCycle, extendSequence, wireSequence } from '../../rtp/sequence.ts';

/**
 * How many of the newest sequence numbers are remembered. 4,096 are four seconds of a stream of 1,000 packets a
 * second (10 Mbit/s): longer than any packet travels. A power of two that divides 65536, so that a sequence number's
 * place in the bitmap is its low bits, before and after a wrap.
 */
export const WINDOW_PACKETS = 4096;

/**
 * After so many packets in a row that lie behind the window, with none inside it, the source has restarted with a
 * new sequence number (RFC 3550 section 5.1 wants a random first one) and the window follows it. A few stragglers
 * of a congested path must not have that effect.
 */
export const RESTART_RUN = 8;

/**
 * The window judges by what was seen lately. A copy of a packet is at most this old, in ms: a sender keeps what it sends for a
 * second, and nothing is on its way for longer than another. When the window has not moved for as long, what lies in it or behind
 * it is most likely no copy and not late, however its 16 bits look: tens of thousands of packets have gone by in an outage, or the
 * source has restarted.
 */
export const COPY_AGE_MS = 2000;

/**
 * Unless whoever reads has stood still itself: then the copies have waited in its socket. It reads all that has waited within a few
 * ms, and what is newer is among it, or comes by itself. So a stream has begun anew when nothing newer has come for this long, in
 * ms, after the first packet that looked old: one packet of a voice is lost by that.
 */
export const RESTART_MS = 10;

/** What {@link SequenceWindow.place} returns for a packet behind the window. No extended number reaches it. */
export const STALE = -0x8000_0000;

const FIRST = 0;
const HIGHEST = 1;
const STARTED = 2;
const STALE_RUN = 3;
/** When the window moved last: the low 32 bits of whole milliseconds, of which differences are right for 24 days. */
const MOVED_AT = 4;
/** When a packet that looked old came first to a window that has rested; what is noted of an earlier rest counts no more. */
const DOUBTED_AT = 5;
const HEADER_WORDS = 6;

/** Of the memory that one window lives in. */
export const SEQUENCE_WINDOW_BYTES = 4 * (HEADER_WORDS + WINDOW_PACKETS / 32);

/**
 * All state is in the memory given to the constructor, zeroed for a new stream: two threads can hand a stream over.
 * Extended numbers are kept in 32 bits, which lasts for 24 days at 1,000 packets a second.
 */
export class SequenceWindow {
  readonly #head: Int32Array;
  readonly #delivered: Int32Array;

  constructor(memory: ArrayBufferLike, byteOffset = 0) {
    this.#head = new Int32Array(memory, byteOffset, HEADER_WORDS);
    this.#delivered = new Int32Array(memory, byteOffset + 4 * HEADER_WORDS, WINDOW_PACKETS / 32);
  }

  /** Whether any packet has been placed. */
  get started(): boolean {
    return this.#word(STARTED) === 1;
  }

  /** The lowest extended sequence number seen since the stream began or restarted; 0 before that. */
  get first(): number {
    return this.#word(FIRST);
  }

  /** The highest extended sequence number seen; -1 before the first packet, so that `highest - first + 1` counts. */
  get highest(): number {
    return this.started ? this.#word(HIGHEST) : -1;
  }

  /**
   * Takes note of a packet that has arrived and moves the window if it is the newest.
   *
   * @param nowMs on a monotonic clock
   * @returns its extended sequence number, or {@link STALE} if it lies behind the window or may be a copy that has waited
   */
  place(sequence: number, nowMs: number): number {
    if (this.#word(STARTED) === 0) return this.#begin(sequence, nowMs);
    const highest = this.#word(HIGHEST);
    const extended = extendSequence(highest, sequence);
    if (extended > highest) {
      this.#advance(highest, extended, nowMs);
      return extended;
    }
    if (this.#sinceMs(MOVED_AT, nowMs) >= COPY_AGE_MS) return this.#placeDoubtful(highest, sequence, nowMs);
    if (extended <= highest - WINDOW_PACKETS) return this.#placeStale(highest, sequence, nowMs);
    this.#head[STALE_RUN] = 0;
    if (extended < this.#word(FIRST)) this.#head[FIRST] = extended;
    return extended;
  }

  /** Marks a packet within the window as delivered. Returns false if it was marked already. */
  markDelivered(extended: number): boolean {
    if (this.#isMarked(extended)) return false;
    const bit = wireSequence(extended) & (WINDOW_PACKETS - 1);
    this.#delivered[bit >>> 5] = (this.#delivered[bit >>> 5] ?? 0) | (1 << (bit & 31));
    return true;
  }

  /**
   * What was delivered under this number was none of the stream: the next packet under it is no copy, and the stream has come no further
   * than before. Another thread may be marking a neighbour meanwhile: then one of the two is lost, and a copy is delivered, or a packet
   * taken for one.
   */
  unmark(extended: number): void {
    const { highest } = this;
    if (extended > highest || extended <= highest - WINDOW_PACKETS) return;
    this.#clear(extended);
    if (extended === highest) this.#head[HIGHEST] = this.#newestBelow(extended);
  }

  /** The newest that was delivered before this one; this one where none is known. */
  #newestBelow(extended: number): number {
    for (let number = extended - 1; number > extended - WINDOW_PACKETS && number >= this.first; number--) {
      if (this.#isMarked(number)) return number;
    }
    return extended;
  }

  #begin(extended: number, nowMs: number): number {
    this.#head[FIRST] = extended;
    this.#head[HIGHEST] = extended;
    this.#head[STALE_RUN] = 0;
    this.#head[MOVED_AT] = nowMs;
    this.#head[DOUBTED_AT] = nowMs;
    this.#head[STARTED] = 1;
    return extended;
  }

  #beginAnew(highest: number, sequence: number, nowMs: number): number {
    this.#delivered.fill(0);
    return this.#begin(extendIntoNextCycle(highest, sequence), nowMs);
  }

  #placeStale(highest: number, sequence: number, nowMs: number): number {
    const run = this.#word(STALE_RUN) + 1;
    this.#head[STALE_RUN] = run;
    return run < RESTART_RUN ? STALE : this.#beginAnew(highest, sequence, nowMs);
  }

  #placeDoubtful(highest: number, sequence: number, nowMs: number): number {
    const isFirst = this.#sinceMs(MOVED_AT, this.#word(DOUBTED_AT)) < COPY_AGE_MS;
    if (isFirst) this.#head[DOUBTED_AT] = nowMs;
    return this.#sinceMs(DOUBTED_AT, nowMs) < RESTART_MS ? STALE : this.#beginAnew(highest, sequence, nowMs);
  }

  #advance(highest: number, extended: number, nowMs: number): void {
    if (extended - highest >= WINDOW_PACKETS) this.#delivered.fill(0);
    else for (let number = highest + 1; number <= extended; number++) this.#clear(number);
    this.#head[HIGHEST] = extended;
    this.#head[STALE_RUN] = 0;
    this.#head[MOVED_AT] = nowMs;
  }

  #isMarked(extended: number): boolean {
    const bit = wireSequence(extended) & (WINDOW_PACKETS - 1);
    return ((this.#delivered[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  #clear(extended: number): void {
    const bit = wireSequence(extended) & (WINDOW_PACKETS - 1);
    this.#delivered[bit >>> 5] = (this.#delivered[bit >>> 5] ?? 0) & ~(1 << (bit & 31));
  }

  /** From one of the header's times to this one, in ms. */
  #sinceMs(index: number, nowMs: number): number {
    return (nowMs - this.#word(index)) | 0;
  }

  #word(index: number): number {
    return this.#head[index] ?? 0;
  }
}
