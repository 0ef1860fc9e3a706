/** A peer's packet path, as feedback and the measured uplink see it: datagrams leave, and what passes is noted until it is read. */
import type { Endpoint, NotedPacket, PacketPath } from '../../../infra/path/contract.ts';
import type { EventLoop } from './event-loop.ts';

export const HEADER_BYTES = 28;

export interface Datagram {
  readonly to: Endpoint;
  /** On the wire. */
  readonly bytes: number;
  readonly rtp?: { readonly ssrc: number; readonly sequence: number };
  readonly rtcp?: Uint8Array;
}

type Used = Pick<PacketPath, 'note' | 'takeNoted' | 'sendTo' | 'sendPadding' | 'sentBytes' | 'setPace'>;

export class ModelPath implements Used {
  readonly #loop: EventLoop;
  readonly #leaves: (datagram: Datagram) => void;
  #noted: NotedPacket[] = [];
  paceBps = 0;
  sentBytes = 0;

  constructor(loop: EventLoop, leaves: (datagram: Datagram) => void) {
    this.#loop = loop;
    this.#leaves = leaves;
  }

  note(): void {
    // All is noted.
  }

  takeNoted(take: (packet: NotedPacket) => void): void {
    for (const packet of this.#noted.splice(0)) take(packet);
  }

  setPace(bps: number): void {
    this.paceBps = bps;
  }

  sendTo(rtcp: Uint8Array, to: Endpoint): void {
    this.#send({ to, bytes: rtcp.length + HEADER_BYTES, rtcp });
  }

  sendPadding(ssrc: number, sequence: number, payload: number, to: Endpoint): boolean {
    this.sendRtp(ssrc, sequence, payload, to);
    return true;
  }

  sendRtp(ssrc: number, sequence: number, payload: number, to: Endpoint): void {
    const bytes = payload + HEADER_BYTES;
    this.#note({ what: 'sent', place: to, ssrc, sequence, bytes });
    this.#send({ to, bytes, rtp: { ssrc, sequence } });
  }

  arrived(
    from: Endpoint,
    { ssrc, sequence }: { readonly ssrc: number; readonly sequence: number },
    bytes: number,
  ): void {
    this.#note({ what: 'arrived', place: from, ssrc, sequence, bytes });
  }

  #note(packet: Omit<NotedPacket, 'atMs'>): void {
    this.#noted.push({ ...packet, atMs: this.#loop.now() });
  }

  #send(datagram: Datagram): void {
    this.sentBytes += datagram.bytes - HEADER_BYTES;
    this.#leaves(datagram);
  }
}
