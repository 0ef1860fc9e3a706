/** The packet path for those who send RTCP: what goes to a member that speaks RPR is sealed for it (SRTCP, RFC 3711 section 3.4). */
import type { Endpoint, NotedPacket, NotesWanted, PacketPath, SsrcCounters } from '../../../infra/path/contract.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Sealing } from './sealing.ts';

type Used = Pick<PacketPath, 'sendTo' | 'ssrcCounters' | 'note' | 'takeNoted' | 'stored' | 'wasOverLimit'>;

export class SealedRtcp implements Used {
  readonly #path: Used;
  readonly #sealing: Pick<Sealing, 'sealRtcp'>;
  readonly #memberAt: (place: Endpoint) => PeerId | undefined;

  constructor(path: Used, sealing: Pick<Sealing, 'sealRtcp'>, memberAt: (place: Endpoint) => PeerId | undefined) {
    this.#path = path;
    this.#sealing = sealing;
    this.#memberAt = memberAt;
  }

  /** What goes to an address that is no member's any more is not sent. */
  sendTo(datagram: Uint8Array, to: Endpoint): void {
    const peer = this.#memberAt(to);
    const sealed = peer === undefined ? undefined : this.#sealing.sealRtcp(peer, datagram);
    if (sealed !== undefined) this.#path.sendTo(sealed, to);
  }

  ssrcCounters(ssrc: number): SsrcCounters | undefined {
    return this.#path.ssrcCounters(ssrc);
  }

  note(wanted: NotesWanted): void {
    this.#path.note(wanted);
  }

  takeNoted(take: (packet: NotedPacket) => void): void {
    this.#path.takeNoted(take);
  }

  stored(ssrc: number, sequence: number): Uint8Array | undefined {
    return this.#path.stored(ssrc, sequence);
  }

  wasOverLimit(ssrc: number, sequence: number): boolean {
    return this.#path.wasOverLimit(ssrc, sequence);
  }
}
