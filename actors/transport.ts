/**
 * The transport actor: it gives the forwarding machine's table to the packet path, tells the machines who is alive on the
 * media path, and reports to clients and members by RTCP. Packets pass below it; it sees none but RTCP.
 */
import { fromCallback } from 'xstate';
import type { Deliver, Endpoint, PacketPath } from '../infra/path/contract.ts';
import { type OpenPathOptions, openPath } from '../infra/path/open.ts';
import { FORWARD_REPORT_BYTES, readForwardReport, writeForwardReport } from '../infra/rtp/forward-report.ts';
import { readSsrc, readTimestamp } from '../infra/rtp/header.ts';
import type { ReportBlock } from '../infra/rtp/reception-report.ts';
import { extendSequence, wireSequence } from '../infra/rtp/sequence.ts';
import { writeSsrc } from '../infra/rtp/write.ts';
import { Liveness } from '../machines/liveness.ts';
import type { PeerId, SourceInfo } from '../machines/messages.ts';
import type { PeerEvent } from '../machines/peer.ts';
import type { TransportCommand, TransportEvent, TransportMember, TransportTable } from '../machines/ports.ts';
import { SliceWatch } from '../machines/slice-watch.ts';
import { DELAYS } from '../machines/timers.ts';
import { systemClock } from './clock.ts';
import { Interval } from './interval.ts';
import { pathTable } from './path-table.ts';
import {
  type Reception,
  readSenderReport,
  receiverReport,
  receptionOf,
  reportBlock,
  type SentSoFar,
  senderReport,
} from './reports.ts';
import { ResendQueue } from './resend-queue.ts';

/** How often silence is looked for: a fraction of the silence itself. */
const CHECK_RELAYS_MS = DELAYS.reportInterval / 2;
const CHECK_MEMBERS_MS = DELAYS.mediaSilence / 5;

export interface TransportOptions extends Pick<OpenPathOptions, 'listen' | 'kind' | 'onKind'> {
  readonly deliver: Deliver;
  /** A member's report on its own source, for whoever plays it; only valid during the call. */
  readonly onSenderReport: (packet: Uint8Array) => void;
  /** Ticks of the own source's RTP timestamp in a second. */
  readonly clockRate: number;
  /** The rate that the own source should have, in bit/s. */
  readonly onRate: (rateBps: number) => void;
}

const EMPTY: TransportTable = { own: null, relayed: [], relays: [], members: [], resendLimitBps: 0 };

type Resend = Extract<TransportCommand, { type: 'transport.resend' }>;

/** One peer's media: give {@link Transport.logic} to the root machine as its `transport`. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #path: PacketPath;
  readonly #liveness = new Liveness();
  readonly #slices: SliceWatch;
  readonly #received = new Map<number, Reception>();
  readonly #again = new ResendQueue({
    clock: systemClock,
    sentBits: () => 8 * this.#path.sentBytes,
    send: ({ ssrc, sequence, to }) => 8 * this.#path.resend(ssrc, sequence, to),
  });
  readonly #report = new Uint8Array(FORWARD_REPORT_BYTES);
  readonly #intervals = {
    checkRelays: new Interval(CHECK_RELAYS_MS, () => this.#checkRelays()),
    checkMembers: new Interval(CHECK_MEMBERS_MS, () => this.#tellAll(this.#liveness.checkMembers(performance.now()))),
    reportToClients: new Interval(DELAYS.reportInterval, () => this.#reportToClients()),
    reportToMembers: new Interval(DELAYS.receiverReport, () => this.#reportToMembers()),
  };
  #table = EMPTY;
  /** By host and port: asked for every packet, so no text is put together for it. */
  #peers: ReadonlyMap<string, ReadonlyMap<number, PeerId>> = new Map();
  #owners: ReadonlyMap<number, PeerId> = new Map();
  #sent: SentSoFar = { packets: 0, bytes: 0, timestamp: 0, atMs: 0 };
  #tell: (event: TransportEvent) => void = () => undefined;

  private constructor(path: PacketPath, slices: SliceWatch, options: TransportOptions) {
    this.#path = path;
    this.#slices = slices;
    this.#options = options;
  }

  /** @throws {PathError} where the address cannot be bound. */
  static async open(options: TransportOptions): Promise<Transport> {
    const opened: { transport?: Transport } = {};
    const slices = new SliceWatch();
    const path = await openPath({
      ...options,
      now: () => performance.now(),
      deliver: (packet, ssrc, extendedSequence, from) => {
        slices.arrived(ssrc, extendedSequence);
        options.deliver(packet, ssrc, extendedSequence, from);
      },
      onRtcp: (packet, from) => opened.transport?.takeRtcp(packet, from),
    });
    opened.transport = new Transport(path, slices, options);
    return opened.transport;
  }

  get path(): PacketPath {
    return this.#path;
  }

  get table(): TransportTable {
    return this.#table;
  }

  /** Whose address this is, if a member's. */
  memberAt({ host, port }: Endpoint): PeerId | undefined {
    return this.#peers.get(host)?.get(port);
  }

  /** Whose source has this SSRC, if it is a member's. */
  ownerOf(ssrc: number): PeerId | undefined {
    return this.#owners.get(ssrc);
  }

  /** Send a packet of the own source, under the SSRC that is ours at the moment. */
  readonly send = (packet: Uint8Array): void => {
    const { own } = this.#table;
    if (own !== null && own.ssrc !== readSsrc(packet)) writeSsrc(packet, own.ssrc);
    this.#path.send(packet);
    const { packets, bytes } = this.#sent;
    this.#sent = {
      packets: packets + 1,
      bytes: bytes + packet.length,
      timestamp: readTimestamp(packet),
      atMs: Date.now(),
    };
  };

  readonly logic = fromCallback<TransportCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
    this.#tell = sendBack;
    receive((command) => {
      if (command.type === 'transport.table') this.#apply(command.table);
      else if (command.type === 'transport.rate') this.#options.onRate(command.rateBps);
      else this.#resend(command);
    });
    return () => {
      for (const interval of Object.values(this.#intervals)) interval.stop();
      this.#again.stop();
    };
  });

  close(): Promise<void> {
    return this.#path.close();
  }

  #apply(table: TransportTable): void {
    this.#table = table;
    this.#peers = byAddress(table.members);
    this.#owners = new Map(table.members.flatMap(({ peer, source }) => (source === null ? [] : [[source.ssrc, peer]])));
    this.#path.setTable(pathTable(table));
    this.#again.limit(table.resendLimitBps);
    const sent = table.own === null ? undefined : this.#path.sentSequence(table.own.ssrc);
    const members = table.members.map(({ peer }) => peer);
    this.#slices.watch([...this.#owners.keys()]);
    this.#liveness.watch(table.relays, members, sent ?? 0, performance.now());
    this.#intervals.checkRelays.run(table.relays.length > 0);
    this.#intervals.reportToClients.run(table.relayed.length > 0);
    this.#intervals.checkMembers.run(members.length > 0);
    this.#intervals.reportToMembers.run(members.length > 0);
  }

  #checkRelays(): void {
    this.#again.observe();
    this.#tellAll(this.#liveness.checkRelays(performance.now()));
  }

  #resend({ ssrc, afterSequence, slices, to }: Resend): void {
    const sequences = this.#path.storedAfter(ssrc, afterSequence, slices);
    this.#again.add(sequences.flatMap((sequence) => to.map((hop) => ({ ssrc, sequence, to: hop }))));
  }

  /** Any RTCP of a member proves that it lives; a relay's forward report says how far it has come. */
  takeRtcp(packet: Uint8Array, from: Endpoint): void {
    const peer = this.memberAt(from);
    const { own } = this.#table;
    if (peer === undefined) return;
    const now = performance.now();
    this.#tellAll(this.#liveness.heard(peer, now));
    this.#takeSenderReport(packet, peer);
    const report = readForwardReport(packet);
    if (report === undefined || own === null || report.sourceSsrc !== own.ssrc) return;
    const sent = this.#path.sentSequence(own.ssrc);
    const acknowledged =
      report.newest === undefined || sent === undefined ? undefined : extendSequence(sent, report.newest);
    this.#tellAll(this.#liveness.reported(peer, acknowledged, now));
  }

  /** What a member says it has sent of its own source: for whoever plays it, and against what has come. */
  #takeSenderReport(packet: Uint8Array, peer: PeerId): void {
    const report = readSenderReport(packet);
    if (report === undefined || this.ownerOf(report.ssrc) !== peer) return;
    this.#tellAll(this.#slices.reported(peer, report.ssrc, report.packets));
    this.#options.onSenderReport(packet);
  }

  #tellAll(events: readonly TransportEvent[]): void {
    for (const event of events) this.#tell(event);
  }

  #reportToClients(): void {
    const forwarderSsrc = this.#table.own?.ssrc ?? 0;
    for (const { ssrc, upstream } of this.#table.relayed) {
      const highest = this.#path.ssrcCounters(ssrc)?.highestSequence;
      const newest = highest === undefined ? undefined : wireSequence(highest);
      this.#path.sendTo(writeForwardReport(this.#report, { forwarderSsrc, sourceSsrc: ssrc, newest }), upstream);
    }
  }

  #reportToMembers(): void {
    for (const { address, source } of this.#table.members) {
      const blocks = source === null ? [] : this.#blocksOn(source);
      this.#path.sendTo(this.#reportOf(blocks), address);
    }
  }

  #blocksOn({ ssrc }: SourceInfo): ReportBlock[] {
    const counters = this.#path.ssrcCounters(ssrc);
    if (counters === undefined || counters.deliveredPackets === 0) return [];
    const block = reportBlock(ssrc, counters, this.#received.get(ssrc) ?? { expected: 0, received: 0 });
    this.#received.set(ssrc, receptionOf(counters));
    return [block];
  }

  #reportOf(blocks: readonly ReportBlock[]): Uint8Array {
    const { own } = this.#table;
    if (own === null || this.#sent.packets === 0) return receiverReport(own?.ssrc ?? 0, blocks);
    return senderReport(own.ssrc, this.#options.clockRate, this.#sent, Date.now(), blocks);
  }
}

function byAddress(members: readonly TransportMember[]): Map<string, Map<number, PeerId>> {
  const peers = new Map<string, Map<number, PeerId>>();
  for (const { peer, address } of members) {
    const ports = peers.get(address.host) ?? new Map<number, PeerId>();
    peers.set(address.host, ports.set(address.port, peer));
  }
  return peers;
}
