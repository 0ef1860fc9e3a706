/** Video that the forwarding thread sends when its turn comes: copies in native memory, since what is received lies there for a moment only. */
import { Turns } from '../pace/turns.ts';
import { NativeMemory } from './libc.ts';

/** So many packets wait at most: half a second of 100 Mbit/s. */
export const MOST_HELD = 4096;
/** As in a receive batch: no packet that is forwarded is longer. */
const SLOT_BYTES = 1536;

export class HeldPackets {
  /** Made when first needed: most relays hold nothing, ever. */
  #memory: NativeMemory | null = null;
  #bytes = new Uint8Array(0);
  readonly #lengths = new Int32Array(MOST_HELD);
  readonly #sinceMs = new Float64Array(MOST_HELD);
  readonly #free: number[] = [];
  readonly #waiting = new Turns<number>();

  get size(): number {
    return this.#waiting.size;
  }

  get memory(): NativeMemory {
    this.#memory ??= this.#allocate();
    return this.#memory;
  }

  /**
   * Copies a packet of a stream.
   *
   * @returns how many had to go for it: who has most waiting loses its newest
   */
  hold(stream: number, packet: Uint8Array, length: number, nowMs: number): number {
    if (this.#memory === null) this.#memory = this.#allocate();
    const free = this.#free.pop();
    const slot = free ?? this.#waiting.dropFromLongest() ?? 0;
    this.#bytes.set(packet.subarray(0, length), this.offset(slot));
    this.#lengths[slot] = length;
    this.#sinceMs[slot] = nowMs;
    this.#waiting.add(stream, slot);
    return free === undefined ? 1 : 0;
  }

  /** The slot whose turn it is. */
  first(): number | undefined {
    return this.#waiting.first();
  }

  /** The first slot has its turn behind it; its bytes stay until it is {@link free}d. */
  take(): void {
    this.#waiting.take();
  }

  free(slot: number): void {
    this.#free.push(slot);
  }

  offset(slot: number): number {
    return slot * SLOT_BYTES;
  }

  length(slot: number): number {
    return this.#lengths[slot] ?? 0;
  }

  sinceMs(slot: number): number {
    return this.#sinceMs[slot] ?? 0;
  }

  packet(slot: number): Uint8Array {
    return this.#bytes.subarray(this.offset(slot), this.offset(slot) + this.length(slot));
  }

  #allocate(): NativeMemory {
    const memory = new NativeMemory(MOST_HELD * SLOT_BYTES);
    this.#bytes = new Uint8Array(memory.buffer);
    for (let slot = MOST_HELD - 1; slot >= 0; slot -= 1) this.#free.push(slot);
    return memory;
  }
}
