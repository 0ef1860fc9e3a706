/**
 * The transport actor: it gives the forwarding machine's table to the packet path, tells the machines who is alive on the
 * media path, and reports to clients and members by RTCP. Packets pass below it; it sees none but RTCP.
 */
import { fromCallback } from 'xstate';
import { interfaceAddresses } from '../../infra/network/interfaces.ts';
import type { Deliver, Endpoint, PacketPath } from '../../infra/path/contract.ts';
import { openPath } from '../../infra/path/open.ts';
import { writeSealedText } from '../../infra/rtcp/sealed-text.ts';
import { type ReceptionOfStream, writeStoppedReport } from '../../infra/rtcp/stopped-report.ts';
import { readSsrc } from '../../infra/rtp/header.ts';
import { writeSsrc } from '../../infra/rtp/write.ts';
import { reportEveryMs } from '../../machines/forwarding/report-pace.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import type { PeerEvent } from '../../machines/peer.ts';
import type { TransportCommand, TransportEvent, TransportTable } from '../../machines/ports.ts';
import { DELAYS } from '../../machines/timers.ts';
import { backgroundClock, systemClock } from '../clock.ts';
import { Interval } from '../interval.ts';
import { Reach } from '../reach/reach.ts';
import { type AddressedTable, addressedTable, EMPTY_TABLE, rtcpPlacesOf } from './addressed-table.ts';
import { Digests, type Signing } from './digests/digests.ts';
import { Feedback, type FeedbackCounts } from './feedback/feedback.ts';
import { KeyFrames } from './key-frames/key-frames.ts';
import { MediaWatch } from './media-watch.ts';
import { MemberPlaces, placesWithRtcp } from './member-places.ts';
import { MemberRtcp } from './member-rtcp.ts';
import { OwnPackets } from './own-packets.ts';
import { pathTable } from './path-table.ts';
import { Repair, type RepairTotals } from './repair/repair.ts';
import type { ProgramTime } from './reports/own-reports.ts';
import { RelayedReports } from './reports/relayed-reports.ts';
import { Reporter } from './reports/reporter.ts';
import { SealedRtcp } from './sealing/sealed-rtcp.ts';
import { Sealing } from './sealing/sealing.ts';
import { type MemberStream, streamsBySsrc } from './streams-by-ssrc.ts';
import type { TransportOptions } from './transport-options.ts';

/**
 * Members that report at the same moment drift apart (RFC 3550 section 6.2). The RFC spreads by a half; two reports in a row must
 * stay within the silence that makes a member doubtful.
 */
const REPORT_SPREAD = 0.2;

const NOBODY_SIGNS: Pick<Signing, 'identity' | 'keyOf'> = { identity: null, keyOf: () => null };

/** One peer's media: give {@link Transport.logic} to the root machine as its `transport`. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #path: PacketPath;
  readonly #watch: MediaWatch;
  readonly #ownPackets: OwnPackets;
  readonly #memberRtcp: MemberRtcp;
  readonly #reporter: Reporter;
  readonly #relayedReports: RelayedReports;
  readonly #keyFrames: KeyFrames;
  readonly #feedback: Feedback;
  readonly #repair: Repair;
  readonly #sealing: Sealing;
  readonly #digests: Digests;
  readonly #rtcp: SealedRtcp;
  readonly reach: Reach;
  readonly #intervals = {
    reportToClients: new Interval(DELAYS.reportInterval, () => this.#reporter.toClients(this.#table)),
    reportToMembers: new Interval(DELAYS.receiverReport, () => this.#reportToMembers(), REPORT_SPREAD),
  };
  /** As the machines have it. */
  #asked: TransportTable = EMPTY_TABLE;
  /** The same, with the addresses that have proved themselves. */
  #table = EMPTY_TABLE;
  #places = new MemberPlaces([]);
  /** By SSRC. */
  #streams: ReadonlyMap<number, MemberStream> = new Map();
  /** SSRCs of the own streams. */
  #own: ReadonlyMap<StreamName, number> = new Map();
  #tell: (event: TransportEvent) => void = () => undefined;

  private constructor(path: PacketPath, options: TransportOptions) {
    this.#path = path;
    this.#options = options;
    const { bound } = path;
    this.reach = new Reach(
      { ...options.reach, clock: backgroundClock },
      { bound, send: (datagram, to, from) => path.sendTo(datagram, to, from) },
    );
    this.#sealing = new Sealing({
      ...{ self: options.reach.self.id, clock: backgroundClock },
      sharedWith: (peer) => this.reach.keyOf(peer),
      tell: (event) => this.#tell(event),
      opened: (...delivered) => this.#takeOpened(...delivered),
      onSealed: (...sealed) => this.#digests.sent(...sealed),
      isForged: (...opened) => this.#digests.isForged(...opened),
      onBroken: (...broken) => this.#digests.broken(...broken),
      onRefused: (ssrc, sequence) => path.deliverAgain(ssrc, sequence),
    });
    this.#ownPackets = new OwnPackets(path, this.#sealing, (place) => this.memberAt(place));
    const rtcp = new SealedRtcp(path, this.#sealing, (place) => this.memberAt(place));
    this.#digests = new Digests({
      ...{ ...NOBODY_SIGNS, ...options.signing, ...options.reach, clock: backgroundClock, path: rtcp },
      ssrc: () => this.#reporter.identity.ssrc,
      memberAt: (place) => this.memberAt(place),
      tell: (event) => this.#tell(event),
      onRefused: () => this.#setPath(),
      onForged: (forged) => this.#sealing.disown(forged),
    });
    this.#reporter = new Reporter(rtcp);
    this.#relayedReports = new RelayedReports(rtcp);
    const identity = () => this.#reporter.identity;
    this.#keyFrames = new KeyFrames({ ...options, path: rtcp, clock: systemClock, identity });
    this.#feedback = new Feedback({
      path: rtcp,
      clock: backgroundClock,
      ssrc: () => identity().ssrc,
      uplink: options.uplink,
      downlink: options.downlink,
    });
    const { latency, deliver: play, downlink } = options;
    this.#rtcp = rtcp;
    const { again } = this.#ownPackets;
    const isLineFull = () => downlink?.isFull() ?? false;
    this.#repair = new Repair({ path: rtcp, again, clock: systemClock, latency, play, isLineFull });
    this.#watch = new MediaWatch({
      ...{ path, expects: options.expects, tell: (event) => this.#tell(event) },
      tellStopped: (owner, streams) => this.#tellStopped(owner, streams),
      onRelaysChecked: () => again.observe(),
    });
    this.#memberRtcp = new MemberRtcp({
      ...{ ...options, digests: this.#digests, feedback: this.#feedback, keyFrames: this.#keyFrames },
      ...{ relayedReports: this.#relayedReports, repair: this.#repair, reporter: this.#reporter, watch: this.#watch },
      ownerOf: (ssrc) => this.streamOf(ssrc)?.owner,
      keyOf: (peer) => this.reach.keyOf(peer),
    });
  }

  /** @throws {PathError} where the address cannot be bound. */
  static async open(options: TransportOptions): Promise<Transport> {
    const opened: { transport?: Transport } = {};
    const path = await openPath({
      ...options,
      now: () => performance.now(),
      deliver: (packet, ssrc, extendedSequence, from) =>
        opened.transport?.takeDelivered(packet, ssrc, extendedSequence, from),
      onRtcp: (packet, from) => opened.transport?.takeRtcp(packet, from),
      onLeft: (packet, ssrc) => opened.transport?.noteLeft(packet, ssrc),
      onStun: (packet, from, local) => opened.transport?.reach.takeStun(packet, from, local),
    });
    opened.transport = new Transport(path, options);
    return opened.transport;
  }

  get path(): PacketPath {
    return this.#path;
  }

  /** What has been missed and asked for, and what others have asked for. */
  get repairs(): RepairTotals {
    return this.#repair.counts();
  }

  /** What was refused of what came sealed. */
  get sealing(): Pick<Sealing, 'refused' | 'refusedOf'> {
    return this.#sealing;
  }

  /** What was held against what its sources say, and who has brought what they have not sent. */
  get digests(): Pick<Digests, 'counts' | 'forgeries'> {
    return this.#digests;
  }

  /** What has been told of arrivals, by us and by others. */
  get feedback(): FeedbackCounts {
    return this.#feedback.counts;
  }

  /** Hands over to whoever measures our line what has passed it by now. */
  readPassed(): void {
    this.#feedback.catchUp();
  }

  get table(): AddressedTable {
    return this.#table;
  }

  /** Whose address this is, if a member's. */
  memberAt(place: Endpoint): PeerId | undefined {
    return this.#places.at(place);
  }

  /** Which stream has this SSRC, if it is a member's. */
  streamOf(ssrc: number): MemberStream | undefined {
    return this.#streams.get(ssrc);
  }

  /** Send a packet of an own stream, under the SSRC that it has at the moment. */
  send(stream: StreamName, packet: Uint8Array): void {
    const ssrc = this.#own.get(stream);
    if (ssrc === undefined) return;
    if (ssrc !== readSsrc(packet)) writeSsrc(packet, ssrc);
    if (!this.#ownPackets.send(ssrc, packet)) return;
    this.#reporter.sent(stream, packet);
    this.#keyFrames.sent(stream, ssrc, packet);
  }

  /** A packet of an own stream has left. */
  noteLeft(packet: Uint8Array, ssrc: number): void {
    this.#watch.left(packet, ssrc);
  }

  /** Tell a member something by the media path, if it fits into a datagram and a way leads there. */
  hasten(to: PeerId, kind: string, text: string): void {
    const key = this.reach.keyOf(to);
    const [place] = rtcpPlacesOf(this.#table, [to]);
    const datagram = key && writeSealedText(`${kind} ${text}`, this.#reporter.identity.ssrc, key);
    if (datagram !== undefined && place !== undefined) this.#rtcp.sendTo(datagram, place);
  }

  /** A packet of a member's stream has come, before anybody has put it in order. */
  arrived(ssrc: number, packet: Uint8Array): void {
    this.#reporter.arrived(ssrc, packet);
    this.#keyFrames.arrived(ssrc, packet);
  }

  /** The program that feeds an own stream tells its time, by which ours is told; null: it is another one, or has begun anew. */
  programTime(stream: StreamName, time: ProgramTime | null): void {
    this.#reporter.programTime(stream, time);
    if (time === null) this.#keyFrames.restarted(stream);
  }

  /** RTCP of a player here of this stream of a member: it may ask for key frames, and report. Only valid during the call. */
  takePlayerRtcp(owner: PeerId, stream: StreamName, datagram: Uint8Array): void {
    this.#reporter.takePlayerBlocks(owner, stream, datagram);
    this.#keyFrames.takePlayer(owner, stream, datagram);
  }

  /** What members say of how they get our streams, and players here of how they get members'. */
  get receivers(): Pick<Reporter, 'receiverReportsOf' | 'playerReportsOf' | 'implausibleOf'> {
    return this.#reporter;
  }

  get keyFrames(): Pick<KeyFrames, 'counters' | 'request'> {
    return this.#keyFrames;
  }

  readonly logic = fromCallback<TransportCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
    this.#tell = sendBack;
    receive((command) => {
      switch (command.type) {
        case 'transport.table':
          this.#follow(command.table);
          break;
        case 'transport.rates':
          this.#options.onRates(command.rates);
          break;
        case 'transport.resend':
          this.#ownPackets.resend(command, this.#table);
          break;
        case 'transport.keys':
          this.#sealing.take(command.message);
          break;
        case 'transport.digests':
          this.#digests.takeMessage(command.message);
          break;
        case 'transport.candidates':
          this.reach.named(command.peer, command);
          break;
      }
    });
    this.reach.start(interfaceAddresses(), { tell: sendBack, onMoved: () => this.#apply() });
    return () => {
      this.reach.giveBack();
      this.reach.stop();
      for (const interval of Object.values(this.#intervals)) interval.stop();
      this.#watch.stop();
      this.#ownPackets.again.stop();
      this.#keyFrames.stop();
      this.#feedback.stop();
      this.#sealing.stop();
      this.#digests.stop();
      this.#reporter.end();
      this.#repair.stop();
    };
  });

  close(): Promise<void> {
    return this.#path.close();
  }

  #follow(table: TransportTable): void {
    this.#asked = table;
    this.reach.follow(table.members);
    this.#apply();
  }

  /** The table, or a way, is another one. */
  #apply(): void {
    const table = addressedTable(this.#asked, (peer) => this.reach.waysOf(peer));
    // Those that go now are still where they were, and hear goodbye.
    this.#reporter.follow(table);
    this.#table = table;
    this.#places = placesWithRtcp(table.members);
    this.#own = new Map(table.own.map(({ stream, ssrc }) => [stream, ssrc]));
    this.#streams = streamsBySsrc(table.own, table.members);
    this.#sealing.follow(table);
    this.#digests.follow(table);
    this.#relayedReports.follow(table);
    this.#keyFrames.follow(table);
    this.#repair.follow(table, this.#streams);
    this.#setPath();
    // Whoever measures the uplink sets the pace.
    if (this.#options.uplink === undefined) this.#path.setPace(table.paceBps);
    this.#feedback.follow(table);
    this.#ownPackets.again.limit(table.resendLimitBps);
    this.#watch.follow(table, this.#streams);
    this.#intervals.reportToClients.every(reportEveryMs(table.relayed, table.paceBps));
    this.#intervals.reportToClients.run(table.relayed.length > 0);
    this.#intervals.reportToMembers.run(table.members.length > 0);
  }

  #setPath(): void {
    const table = this.#table;
    const origins = this.reach.originsOf(table.members.flatMap(({ from }) => from));
    const isRefused = (owner: PeerId, via: PeerId) => this.#digests.isRefused(owner, via);
    this.#path.setTable({ ...pathTable(table, isRefused), origins });
  }

  #reportToMembers(): void {
    this.#watch.watchExpected();
    this.#reporter.toMembers(this.#table);
  }

  #tellStopped(owner: PeerId, streams: readonly ReceptionOfStream[]): void {
    const [place] = rtcpPlacesOf(this.#table, [owner]);
    if (place !== undefined) this.#rtcp.sendTo(writeStoppedReport(this.#reporter.identity.ssrc, streams), place);
  }

  /** A packet of a member's stream has come, as the path delivers it. */
  takeDelivered(...delivered: Parameters<Deliver>): void {
    const [packet, ssrc, extendedSequence, from] = delivered;
    this.#sealing.open(packet, ssrc, extendedSequence, from);
  }

  /** A packet has come, and is what its sender has sent. */
  #takeOpened(...[packet, ssrc, extendedSequence, from]: Parameters<Deliver>): void {
    this.#path.forwardClear(packet);
    if (!this.#streams.has(ssrc)) return;
    this.#watch.arrived(ssrc, extendedSequence);
    this.arrived(ssrc, packet);
    this.takePacket(packet, ssrc, extendedSequence, from);
  }

  /** A packet of a member's stream, for whoever plays it. */
  takePacket(...[packet, ssrc, extendedSequence, from]: Parameters<Deliver>): void {
    const way = this.memberAt(from);
    if (way === undefined) return;
    this.reach.heard(way, from);
    this.#watch.heard(way);
    this.#repair.takePacket(packet, ssrc, extendedSequence, from, way);
  }

  /** RTCP of a member proves that it lives as its media does; a relay's forward reports say how far it has come. */
  takeRtcp(received: Uint8Array, from: Endpoint): void {
    const peer = this.memberAt(from);
    const datagram = peer === undefined ? undefined : this.#sealing.openRtcp(peer, received);
    if (peer === undefined || datagram === undefined) return;
    this.reach.heard(peer, from);
    this.#watch.heardRtcp(peer);
    this.#memberRtcp.take(peer, datagram);
  }
}
