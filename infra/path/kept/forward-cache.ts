/**
 * What a relay has forwarded of one stream lately, so that it can answer for it: a ring of slots in shared memory, written by the
 * thread that forwards and read by the main thread. A writer never waits: a reader that was overtaken gets nothing.
 */
import { readSequence } from '../../rtp/header.ts';

/** Bytes of a slot: a whole slot of a receive batch, so that one copy without a view does it. */
const SLOT_BYTES = 1536;

/** How long a packet can be fetched, in ms: what the most patient adaptive receiver waits (400 ms) and a round trip. */
const KEPT_MS = 600;

/** Video of all rates is sent in packets of about this size and more, in bytes; what is smaller is kept for less long. */
const TYPICAL_BYTES = 800;

/** A key frame of 150 kB, or more than a second of voice. */
const LEAST_SLOTS = 128;
/** {@link KEPT_MS} of 20 Mbit/s, in 3 MB. A stream above that is kept for less long. */
const MOST_SLOTS = 2048;

/**
 * Whose packets would displace each other within this, in ms, sends so much more than it may that nobody could be answered in time: it
 * is not copied, and costs no more than a look. Less than a round trip and the wait of whoever asks.
 */
const LEAST_KEPT_MS = 100;

/**
 * Of a slot, beside its packet: the sequence number plus one (0: being written, or empty; negative: it came and was not forwarded),
 * the length, the time.
 */
const WORDS = 2;
const HEAD_BYTES = 4 * WORDS + 8;

/** The memory that a stream of `rateBps` should have, of at most `mostBytes`; 0 if that is too little for anything. */
export function cacheBytesOf(rateBps: number, mostBytes: number): number {
  const wanted = (rateBps * KEPT_MS) / 1000 / (8 * TYPICAL_BYTES);
  let slots = LEAST_SLOTS;
  while (slots < wanted && slots < MOST_SLOTS) slots *= 2;
  while (slots * (SLOT_BYTES + HEAD_BYTES) > mostBytes) slots /= 2;
  return slots < LEAST_SLOTS ? 0 : slots * (SLOT_BYTES + HEAD_BYTES);
}

export class ForwardCache {
  readonly #mask: number;
  readonly #times: Float64Array;
  readonly #sequences: Int32Array;
  readonly #lengths: Int32Array;
  readonly #bytes: Uint8Array;

  /** @param memory zeroed, of {@link cacheBytesOf} bytes */
  constructor(memory: SharedArrayBuffer) {
    const slots = memory.byteLength / (SLOT_BYTES + HEAD_BYTES);
    this.#mask = slots - 1;
    this.#times = new Float64Array(memory, 0, slots);
    this.#sequences = new Int32Array(memory, 8 * slots, slots);
    this.#lengths = new Int32Array(memory, 12 * slots, slots);
    this.#bytes = new Uint8Array(memory, HEAD_BYTES * slots, SLOT_BYTES * slots);
  }

  /**
   * Keeps an RTP packet. Allocates nothing.
   *
   * @param packet of at most {@link SLOT_BYTES} bytes; may be longer than the datagram, as a slot of a receive buffer is
   * @param length of the datagram in bytes
   */
  put(packet: Uint8Array, length: number, nowMs: number): void {
    const sequence = readSequence(packet);
    const slot = sequence & this.#mask;
    if ((this.#sequences[slot] ?? 0) > 0 && nowMs - (this.#times[slot] ?? 0) < LEAST_KEPT_MS) return;
    Atomics.store(this.#sequences, slot, 0);
    this.#bytes.set(packet, slot * SLOT_BYTES);
    this.#lengths[slot] = length;
    this.#times[slot] = nowMs;
    Atomics.store(this.#sequences, slot, sequence + 1);
  }

  /** Takes note of an RTP packet that has come and was over the stream's limit. */
  refuse(packet: Uint8Array): void {
    const sequence = readSequence(packet);
    Atomics.store(this.#sequences, sequence & this.#mask, -(sequence + 1));
  }

  /** Whether {@link refuse} was told of this (16-bit) sequence number, and nothing newer has taken its place. */
  isRefused(sequence: number): boolean {
    return Atomics.load(this.#sequences, sequence & this.#mask) === -(sequence + 1);
  }

  /** A copy of the packet with this (16-bit) sequence number, if it has come within {@link KEPT_MS}. */
  get(sequence: number, nowMs: number): Uint8Array | undefined {
    const slot = sequence & this.#mask;
    if (Atomics.load(this.#sequences, slot) !== sequence + 1) return undefined;
    if (nowMs - (this.#times[slot] ?? 0) > KEPT_MS) return undefined;
    const start = slot * SLOT_BYTES;
    const copy = new Uint8Array(this.#lengths[slot] ?? 0);
    copy.set(this.#bytes.subarray(start, start + copy.length));
    return Atomics.load(this.#sequences, slot) === sequence + 1 ? copy : undefined;
  }
}
