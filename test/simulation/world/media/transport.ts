/**
 * A peer's media path in the simulator: the packet path's own rules (`infra/path`) on header bytes, under the table that the machines ask for.
 * What of it is a subject of its own stands beside it: what comes, what leaves, reports, RTCP, what is sealed, what is on the wire.
 */
import { fromCallback } from 'xstate';
import type { MeasuredDownlink } from '../../../../actors/downlink/measured-downlink.ts';
import { type AddressedTable, addressedTable, EMPTY_TABLE } from '../../../../actors/media/addressed-table.ts';
import { Reach } from '../../../../actors/reach/reach.ts';
import type { MeasuredUplink } from '../../../../actors/uplink/measured-uplink.ts';
import type { Endpoint } from '../../../../infra/path/contract.ts';
import { CounterBlock } from '../../../../infra/path/counters.ts';
import { endpointText } from '../../../../infra/path/table/addresses.ts';
import { BacklogWatch } from '../../../../machines/forwarding/pushback.ts';
import { reportEveryMs } from '../../../../machines/forwarding/report-pace.ts';
import type { Kind, PeerId, StreamName } from '../../../../machines/messages.ts';
import type { PeerEvent } from '../../../../machines/peer.ts';
import type { TransportCommand, TransportEvent, TransportTable } from '../../../../machines/ports.ts';
import { DELAYS } from '../../../../machines/timers.ts';
import { bitsOf, type Datagram, HEADERS_BITS } from './datagram.ts';
import { Receiving } from './receiving.ts';
import { Reports } from './reports.ts';
import { RtcpEnd } from './rtcp-end.ts';
import { SealedMedia } from './sealed-media.ts';
import { Sending } from './sending.ts';
import { TableInForce } from './table-in-force.ts';
import type { SealingOptions, TransportHost } from './transport-host.ts';
import { Wire, type WireOptions } from './wire.ts';

export class SimulatedTransport {
  readonly reach: Reach;
  readonly sending: Sending;
  /** Null: packets stand for many small ones. */
  readonly wire: Wire | null;
  /** Null: every hop gets the same packets. */
  readonly sealed: SealedMedia | null;
  readonly #host: TransportHost;
  readonly #inForce: TableInForce;
  readonly #counters = new CounterBlock();
  readonly #backlog = new BacklogWatch();
  readonly #reports: Reports;
  readonly #rtcp: RtcpEnd;
  readonly #receiving: Receiving;
  #sentBits = 0;
  /** By host and port. */
  readonly #bitsTo = new Map<string, number>();
  /** As the machines have it. */
  #asked: TransportTable = EMPTY_TABLE;
  #tell: (event: TransportEvent) => void = () => undefined;

  constructor(host: TransportHost) {
    this.#host = host;
    this.reach = new Reach(
      { ...host.reach, clock: host.clock },
      {
        bound: host.bound,
        send: (bytes, to) => this.#send(to, HEADERS_BITS + 8 * bytes.length, { kind: 'stun', bytes }),
      },
    );
    this.#inForce = new TableInForce({
      ...{ sources: host.sources, isSealed: host.sealing !== null, isLimited: host.wire !== null },
      isRefused: (owner, via) => this.sealed?.isRefused(owner, via) === true,
    });
    this.wire = host.wire && this.#openWire(host.wire);
    this.sealed = host.sealing && this.#seal(host.sealing);
    this.sending = this.#openSending();
    this.#reports = this.#openReports();
    this.#rtcp = this.#openRtcp();
    this.#receiving = new Receiving({
      ...{ clock: host.clock, reach: this.reach, inForce: this.#inForce, counters: this.#counters },
      ...{ wire: this.wire, sealed: this.sealed, sending: this.sending, reports: this.#reports, rtcp: this.#rtcp },
      deliver: host.deliver,
    });
  }

  #seal(sealing: SealingOptions): SealedMedia {
    const { clock, reach, rtcpTruth } = this.#host;
    return new SealedMedia({
      ...{ ...sealing, clock, rtcpTruth, signing: { ...reach, ...sealing.signing } },
      keyOf: (peer) => this.reach.keyOf(peer),
      memberAt: (place) => this.#inForce.memberAt(place),
      tell: (event) => this.#tell(event),
      sendRtcp: (bytes, to) => this.#rtcp.sendRtcp(bytes, to),
      onRefused: () => this.#inForce.setPath(),
      deliverAgain: (ssrc, sequence) => this.#inForce.path.deliverAgain(ssrc, sequence),
      opened: (packet, hops, sequence) => this.#receiving.deliver(packet, hops, sequence),
    });
  }

  /** With the addresses that have proved themselves. */
  get table(): AddressedTable {
    return this.#inForce.table;
  }

  /** Whether it passes this stream on. */
  relays(ssrc: number): boolean {
    return this.table.relayed.some((relayed) => relayed.ssrc === ssrc);
  }

  /** Whoever measures its uplink; null where its upload is told. */
  get uplink(): MeasuredUplink | null {
    return this.wire?.uplink ?? null;
  }

  /** Whoever measures its downlink; null where that is told. */
  get downlink(): MeasuredDownlink | null {
    return this.wire?.downlink ?? null;
  }

  #openWire(wire: WireOptions): Wire {
    return new Wire({
      ...wire,
      clock: this.#host.clock,
      table: () => this.table,
      compiled: () => this.#inForce.path.compiled,
      sentBytes: () => this.#sentBits / 8,
      sentTo: (to) => (this.#bitsTo.get(endpointText(to)) ?? 0) / 8,
      report: (to, bytes) => this.#send(to, 8 * bytes.length, { kind: 'feedback', bytes }),
      pad: (to, ssrc, sequence, bytes) => this.#send(to, 8 * bytes, { kind: 'padding', ssrc, sequence, bytes }),
      leave: (packet, hops, stream) => this.sending.leave(packet, hops, stream),
    });
  }

  #openSending(): Sending {
    return new Sending({
      ...{ clock: this.#host.clock, pacing: this.#host.pacing, waitedMs: this.#host.waitedMs, spoke: this.#host.sent },
      ...{ inForce: this.#inForce, counters: this.#counters, wire: this.wire, sealed: this.sealed },
      sentBits: () => this.#sentBits,
      send: (to, packet, hops, hasWaited) => this.#send(to, packet.bits, { kind: 'media', packet, hops }, hasWaited),
      left: (ssrc, sequence) => this.#reports.sent(ssrc, sequence),
    });
  }

  #openReports(): Reports {
    return new Reports({
      ...{ clock: this.#host.clock, expects: this.#host.expects, inForce: this.#inForce, wire: this.wire },
      send: (to, report) => this.#send(to, bitsOf(report), report),
      tell: (events) => this.#tellAll(events),
    });
  }

  #openRtcp(): RtcpEnd {
    return new RtcpEnd({
      inForce: this.#inForce,
      ...{ sealed: this.sealed, isRtcpSealed: this.#host.rtcpTruth !== null, hurried: this.#host.hurried },
      keyOf: (peer) => this.reach.keyOf(peer),
      heard: (peer, from) => this.#receiving.heard(peer, from),
      send: (to, bits, datagram) => this.#send(to, bits, datagram),
    });
  }

  readonly logic = fromCallback<TransportCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
    this.#tell = sendBack;
    const reportEvery = () => reportEveryMs(this.table.relayed, this.table.paceBps);
    this.#every(DELAYS.reportInterval / 2, () => {
      this.sending.observe();
      this.#reports.checkRelays();
    });
    this.#every(DELAYS.reportInterval / 2, () => this.#reports.tellStopped());
    this.#every(DELAYS.backlogLook, () =>
      this.#tellAll(this.#backlog.look(this.wire?.waitedMs ?? this.#host.waitedMs())),
    );
    this.#every(DELAYS.mediaSilence / 5, () => this.#reports.checkMembers());
    this.#every(reportEvery, () => this.#reports.toClients());
    this.#every(DELAYS.receiverReport, () => this.#reports.toMembers());
    const [first] = this.#host.sources.values();
    if (first !== undefined) this.#every(1000 / first.packetsPerSecond, () => this.sending.sendOwn());
    receive((command) => {
      switch (command.type) {
        case 'transport.table':
          this.#asked = command.table;
          this.reach.follow(command.table.members);
          this.#apply();
          break;
        case 'transport.rates':
          this.#setRates(command.rates);
          break;
        case 'transport.resend':
          this.sending.resend(command);
          break;
        case 'transport.keys':
          this.sealed?.take(command.message);
          break;
        case 'transport.digests':
          this.sealed?.takeDigests(command.message);
          break;
        case 'transport.candidates':
          this.reach.named(command.peer, command);
          break;
      }
    });
    this.reach.start(this.#host.interfaces(), { tell: sendBack, onMoved: () => this.#apply() });
  });

  /** This message is urgent: it goes by the media path, too. */
  hasten(to: PeerId | 'all', message: Kind, text: string): void {
    this.#rtcp.hasten(to, message, text);
  }

  /** A datagram has come from this address. */
  take(from: Endpoint, datagram: Datagram): void {
    this.#receiving.take(from, datagram);
  }

  /** The table, or a way, is another one. */
  #apply(): void {
    const moved = this.#inForce.replace(addressedTable(this.#asked, (peer) => this.reach.waysOf(peer)));
    const { table } = this;
    this.sealed?.follow(table);
    const routes = this.#inForce.setPath();
    this.wire?.follow(table);
    this.sending.follow(table, routes);
    const played = new Set(table.members.flatMap(({ streams }) => streams.map(({ ssrc }) => ssrc)));
    this.#reports.follow();
    this.#host.playOnly(played);
    this.#host.changed(moved);
  }

  #setRates(rates: ReadonlyMap<StreamName, number>): void {
    let moved = false;
    for (const [stream, source] of this.#host.sources) {
      const rateBps = rates.get(stream) ?? 0;
      moved ||= source.rateBps !== rateBps;
      source.rateBps = rateBps;
    }
    if (moved) this.#host.changed(true);
  }

  #send(to: Endpoint, bits: number, datagram: Datagram, hasWaited = false): void {
    this.#sentBits += bits;
    if (this.wire !== null && datagram.kind === 'media') {
      const place = endpointText(to);
      this.#bitsTo.set(place, (this.#bitsTo.get(place) ?? 0) + bits);
    }
    const isBare = datagram.kind === 'media' || datagram.kind === 'padding' || datagram.kind === 'feedback';
    this.#host.send(to, this.wire !== null && isBare ? bits + HEADERS_BITS : bits, datagram, hasWaited);
  }

  #every(interval: number | (() => number), run: () => void): void {
    const wait = () => this.#host.clock.setTimeout(again, typeof interval === 'number' ? interval : interval());
    const again = () => {
      wait();
      run();
    };
    wait();
  }

  #tellAll(events: readonly TransportEvent[]): void {
    for (const event of events) this.#tell(event);
  }
}
