/** What a source has told at once of packets that it has sent: the digest of each, found by halving. Pure. */

export interface ToldPacket {
  /** Cycles and sequence number (RFC 3711 section 3.3.1). */
  readonly index: number;
  readonly digest: number;
}

export class ToldPackets {
  /** By index, the lowest first. */
  readonly #packets: readonly ToldPacket[];

  constructor(packets: readonly ToldPacket[]) {
    this.#packets = [...packets].sort((one, other) => one.index - other.index);
  }

  /** -1: it tells of none. */
  get highest(): number {
    return this.#packets.at(-1)?.index ?? -1;
  }

  /** Undefined: it does not tell of this packet. */
  digestOf(index: number): number | undefined {
    let from = 0;
    let to = this.#packets.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const packet = this.#packets[middle];
      if (packet === undefined || packet.index === index) return packet?.digest;
      if (packet.index < index) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }
}
