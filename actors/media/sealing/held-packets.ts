/** Packets that have come before their key: kept for a moment, and few. Pure: the time is given. */
import type { Endpoint } from '../../../infra/path/contract.ts';

/** As long as a key may be on its way, and be asked for once. In ms. */
const HELD_MS = 1500;
/** Of one stream: a second of 2.5 Mbit/s; and of all together, 6 MB. */
const MOST_OF_STREAM = 256;
const MOST = 4096;

export interface HeldPacket {
  readonly packet: Uint8Array;
  readonly sequence: number;
  readonly from: Endpoint;
  readonly atMs: number;
}

export class HeldPackets {
  readonly #bySsrc = new Map<number, HeldPacket[]>();
  #count = 0;

  /** @returns how many are dropped for it, the oldest first; itself where there is no room */
  hold(ssrc: number, held: HeldPacket): number {
    const packets = this.#bySsrc.get(ssrc) ?? [];
    this.#bySsrc.set(ssrc, packets);
    const dropped = this.#dropOld(packets, held.atMs);
    if (this.#count === MOST) return dropped + 1;
    packets.push(held);
    this.#count++;
    return dropped;
  }

  /** Hands out those of a stream, the oldest first; they are held no longer. */
  take(ssrc: number): readonly HeldPacket[] {
    const packets = this.#bySsrc.get(ssrc) ?? [];
    this.#bySsrc.delete(ssrc);
    this.#count -= packets.length;
    return packets;
  }

  /** Forgets all streams but these. */
  keepOnly(ssrcs: { has(ssrc: number): boolean }): void {
    for (const ssrc of this.#bySsrc.keys()) if (!ssrcs.has(ssrc)) this.take(ssrc);
  }

  #dropOld(packets: HeldPacket[], nowMs: number): number {
    let dropped = 0;
    while (packets.length === MOST_OF_STREAM || nowMs - (packets[0]?.atMs ?? nowMs) > HELD_MS) {
      packets.shift();
      dropped++;
    }
    this.#count -= dropped;
    return dropped;
  }
}
