/** The last second of one RTP source: each packet kept once, in one slab, found by its sequence number. */
import { sequenceDistance } from '../../rtp/sequence.ts';
import { MAX_DATAGRAM_BYTES } from '../decision/decision.ts';

/** How long a packet can be fetched, in ms: a dead relay is noticed in a fifth of that, a NACK comes sooner. */
const STORED_MS = 1000;

/** What a new store holds: more than a second of voice. */
const FIRST_SLOTS = 64;
/** What it grows to: a second of 40 Mbit/s in full packets, in 6 MB. Beyond that it keeps less than a second. */
const MOST_SLOTS = 4096;

const EMPTY = -1;

/** Slots are a power of two and a packet's slot is the low bits of its sequence number. Doubles as the rate asks. */
export class PacketStore {
  #slots = FIRST_SLOTS;
  #bytes = new Uint8Array(FIRST_SLOTS * MAX_DATAGRAM_BYTES);
  #sequences = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  #lengths = new Int32Array(FIRST_SLOTS);
  #storedAt = new Float64Array(FIRST_SLOTS);

  /** Copies `packet`, of at most {@link MAX_DATAGRAM_BYTES} bytes. */
  put(sequence: number, packet: Uint8Array, nowMs: number): void {
    while (this.#slots < MOST_SLOTS && this.#displacesRecent(sequence, nowMs)) this.#grow();
    const slot = sequence & (this.#slots - 1);
    this.#bytes.set(packet, slot * MAX_DATAGRAM_BYTES);
    this.#sequences[slot] = sequence;
    this.#lengths[slot] = packet.length;
    this.#storedAt[slot] = nowMs;
  }

  /** The packet, if it is less than {@link STORED_MS} old. The bytes are valid until the next {@link put}. */
  get(sequence: number, nowMs: number): Uint8Array | undefined {
    const slot = sequence & (this.#slots - 1);
    if (this.#sequences[slot] !== sequence || nowMs - (this.#storedAt[slot] ?? 0) > STORED_MS) return undefined;
    const start = slot * MAX_DATAGRAM_BYTES;
    return this.#bytes.subarray(start, start + (this.#lengths[slot] ?? 0));
  }

  /** The sequence numbers after `after` up to `newest` that can still be there, oldest first. */
  *sequencesAfter(after: number, newest: number): Generator<number> {
    const count = Math.min(sequenceDistance(after, newest), this.#slots);
    for (let back = count - 1; back >= 0; back--) yield (newest - back) & 0xffff;
  }

  #displacesRecent(sequence: number, nowMs: number): boolean {
    const slot = sequence & (this.#slots - 1);
    const there = this.#sequences[slot] ?? EMPTY;
    return there !== EMPTY && there !== sequence && nowMs - (this.#storedAt[slot] ?? 0) <= STORED_MS;
  }

  #grow(): void {
    const [bytes, sequences, lengths, storedAt] = [this.#bytes, this.#sequences, this.#lengths, this.#storedAt];
    this.#slots *= 2;
    this.#bytes = new Uint8Array(this.#slots * MAX_DATAGRAM_BYTES);
    this.#sequences = new Int32Array(this.#slots).fill(EMPTY);
    this.#lengths = new Int32Array(this.#slots);
    this.#storedAt = new Float64Array(this.#slots);
    for (const [slot, sequence] of sequences.entries()) {
      if (sequence === EMPTY) continue;
      const start = slot * MAX_DATAGRAM_BYTES;
      this.put(sequence, bytes.subarray(start, start + (lengths[slot] ?? 0)), storedAt[slot] ?? 0);
    }
  }
}
