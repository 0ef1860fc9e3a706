/** What becomes of a datagram that has come: the packet path decides on media, the rest goes to whom it concerns. */
import type { Reach } from '../../../../actors/reach/reach.ts';
import type { Endpoint } from '../../../../infra/path/contract.ts';
import type { CounterBlock } from '../../../../infra/path/counters.ts';
import { ACTION, decide, Verdict } from '../../../../infra/path/decision/decision.ts';
import { UNKNOWN_ADDRESS } from '../../../../infra/path/table/addresses.ts';
import { readSsrc } from '../../../../infra/rtp/header.ts';
import type { PeerId } from '../../../../machines/messages.ts';
import type { ProcessClock } from '../peer/process-clock.ts';
import { type Datagram, MOST_HOPS, type Report } from './datagram.ts';
import type { Reports } from './reports.ts';
import type { RtcpEnd } from './rtcp-end.ts';
import type { SealedMedia } from './sealed-media.ts';
import type { Sending } from './sending.ts';
import type { MediaPacket } from './source.ts';
import type { TableInForce } from './table-in-force.ts';
import type { Wire } from './wire.ts';

export interface ReceivingHost {
  readonly clock: ProcessClock;
  readonly inForce: Pick<TableInForce, 'path' | 'memberAt'>;
  readonly counters: CounterBlock;
  readonly reach: Pick<Reach, 'heard' | 'takeStun'>;
  readonly wire: Pick<Wire, 'note' | 'noteMedia' | 'takeReport'> | null;
  readonly sealed: Pick<SealedMedia, 'open'> | null;
  readonly sending: Pick<Sending, 'forward' | 'sendClear'>;
  readonly reports: Pick<Reports, 'arrived' | 'heard' | 'mediaCame' | 'take'>;
  readonly rtcp: Pick<RtcpEnd, 'takeRtcp' | 'takeUrgent'>;
  readonly deliver: (packet: MediaPacket, hops: number) => void;
}

export class Receiving {
  readonly #host: ReceivingHost;
  readonly #verdict = new Verdict();

  constructor(host: ReceivingHost) {
    this.#host = host;
  }

  /** A datagram has come from this address. */
  take(from: Endpoint, datagram: Datagram): void {
    const { reach, rtcp } = this.#host;
    if (datagram.kind === 'media') this.#takeMedia(from, datagram.packet, datagram.hops);
    else if (datagram.kind === 'stun') reach.takeStun(datagram.bytes, from);
    else if (datagram.kind === 'urgent') rtcp.takeUrgent(from, datagram.message, datagram.text);
    else if (datagram.kind === 'rtcp') rtcp.takeRtcp(from, datagram.bytes);
    else if (datagram.kind === 'feedback') this.#takeFeedback(from, datagram.bytes);
    else if (datagram.kind === 'padding') this.#noteArrival(from, datagram.ssrc, datagram.sequence, datagram.bytes);
    else this.#takeReport(from, datagram);
  }

  /** Anything of this member has come from there. */
  heard(peer: PeerId, from: Endpoint): void {
    this.#host.reach.heard(peer, from);
    this.#host.reports.heard(peer);
  }

  /** A packet has come, and is what its source has sent. */
  deliver(packet: MediaPacket, hops: number, sequence: number): void {
    const { reports, sealed, sending } = this.#host;
    // While ways change it may have come by another relay: whoever gets it in the clear relays nothing, so that no loop can be.
    if (sealed !== null) sending.sendClear(packet, Math.min(hops + 1, MOST_HOPS));
    reports.arrived(readSsrc(packet.bytes), sequence);
    this.#host.deliver(packet, hops);
  }

  #takeMedia(from: Endpoint, packet: MediaPacket, hops: number): void {
    const { clock, counters, inForce, reports, sealed, sending, wire } = this.#host;
    const { compiled } = inForce.path;
    const address = compiled.addresses.find(from.host, from.port);
    const { bytes } = packet;
    const action = decide(compiled, counters, this.#verdict, bytes, bytes.length, address, clock.now());
    if (address !== UNKNOWN_ADDRESS) wire?.noteMedia('arrived', packet, compiled.addresses.endpoint(address));
    const peer = inForce.memberAt(from);
    if (peer !== undefined) {
      reports.mediaCame();
      this.heard(peer, from);
    }
    const { extendedSequence, stream } = this.#verdict;
    if (action & ACTION.FORWARD && stream !== null) sending.forward(packet, hops, stream);
    if (!(action & ACTION.DELIVER)) return;
    if (sealed === null) this.deliver(packet, hops, extendedSequence);
    else sealed.open(packet, hops, extendedSequence, from);
  }

  #takeFeedback(from: Endpoint, bytes: Uint8Array): void {
    const peer = this.#host.inForce.memberAt(from);
    if (peer === undefined) return;
    this.heard(peer, from);
    this.#host.wire?.takeReport(peer, bytes);
  }

  #takeReport(from: Endpoint, report: Report): void {
    const peer = this.#host.inForce.memberAt(from);
    if (peer === undefined) return;
    this.heard(peer, from);
    this.#host.reports.take(peer, report);
  }

  /** Of an address that the table names, as the path knows it. */
  #noteArrival({ host, port }: Endpoint, ssrc: number, sequence: number, bytes: number): void {
    const { addresses } = this.#host.inForce.path.compiled;
    const address = addresses.find(host, port);
    if (address !== UNKNOWN_ADDRESS)
      this.#host.wire?.note('arrived', ssrc, sequence, bytes, addresses.endpoint(address));
  }
}
