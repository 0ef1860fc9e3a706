/**
 * The transport actor: it gives the forwarding machine's table to the packet path, tells the machines who is alive on the
 * media path, and reports to clients and members by RTCP. Packets pass below it; it sees none but RTCP.
 */
import { fromCallback } from 'xstate';
import { interfaceAddresses } from '../../infra/network/interfaces.ts';
import type { Deliver, Endpoint, PacketPath } from '../../infra/path/contract.ts';
import { type OpenPathOptions, openPath } from '../../infra/path/open.ts';
import { type ForwardReport, readForwardReports } from '../../infra/rtcp/forward-report.ts';
import { readSenderReports } from '../../infra/rtcp/reception-report.ts';
import { readSealedTexts, writeSealedText } from '../../infra/rtcp/sealed-text.ts';
import { readCnames } from '../../infra/rtcp/source-description.ts';
import { type ReceptionOfStream, readStoppedReport, writeStoppedReport } from '../../infra/rtcp/stopped-report.ts';
import { readSequence, readSsrc } from '../../infra/rtp/header.ts';
import { extendSequence } from '../../infra/rtp/sequence.ts';
import { writeSsrc } from '../../infra/rtp/write.ts';
import { Liveness } from '../../machines/forwarding/liveness.ts';
import { BacklogWatch } from '../../machines/forwarding/pushback.ts';
import { reportEveryMs } from '../../machines/forwarding/report-pace.ts';
import { SentLately } from '../../machines/forwarding/sent-lately.ts';
import { SliceWatch } from '../../machines/forwarding/slice-watch.ts';
import { StoppedStreams } from '../../machines/forwarding/stopped-streams.ts';
import { MAX_STREAMS, type PeerId, type StreamName } from '../../machines/messages.ts';
import type { PeerEvent } from '../../machines/peer.ts';
import type { TransportCommand, TransportEvent, TransportTable } from '../../machines/ports.ts';
import { DELAYS } from '../../machines/timers.ts';
import { backgroundClock, systemClock } from '../clock.ts';
import { Interval } from '../interval.ts';
import type { ReachOptions } from '../reach/contract.ts';
import { Reach } from '../reach/reach.ts';
import { type AddressedTable, addressedTable, EMPTY_TABLE, placesOf, rtcpPlacesOf } from './addressed-table.ts';
import { Digests, type Signing } from './digests/digests.ts';
import { type DownlinkListener, Feedback, type FeedbackCounts, type UplinkListener } from './feedback/feedback.ts';
import { KeyFrames, type KeyFramesOptions } from './key-frames/key-frames.ts';
import { MemberPlaces, placesWithRtcp } from './member-places.ts';
import { pathTable } from './path-table.ts';
import type { Latency } from './repair/patience.ts';
import { Repair, type RepairTotals } from './repair/repair.ts';
import { ResendQueue } from './repair/resend-queue.ts';
import type { ProgramTime } from './reports/own-reports.ts';
import { RelayedReports } from './reports/relayed-reports.ts';
import { Reporter } from './reports/reporter.ts';
import { SealedRtcp } from './sealing/sealed-rtcp.ts';
import { Sealing } from './sealing/sealing.ts';
import { type MemberStream, streamsBySsrc } from './streams-by-ssrc.ts';

/** How often silence is looked for: a fraction of the silence itself. */
const CHECK_RELAYS_MS = DELAYS.reportInterval / 4;
const CHECK_MEMBERS_MS = DELAYS.mediaSilence / 5;
/**
 * Members that report at the same moment drift apart (RFC 3550 section 6.2). The RFC spreads by a half; two reports in a row must
 * stay within the silence that makes a member doubtful.
 */
const REPORT_SPREAD = 0.2;

/** The kind of a message, and what it says. */
const URGENT = /^([a-z.]+) (.*)$/s;

export interface TransportOptions
  extends Pick<OpenPathOptions, 'listen' | 'kind' | 'onKind'>,
    Pick<KeyFramesOptions, 'askSource' | 'onMissing'> {
  readonly deliver: Deliver;
  /** Who we are to the others' checks. */
  readonly reach: Omit<ReachOptions, 'clock'>;
  /** Who signs what it sends; left out: nobody does. */
  readonly signing?: Pick<Signing, 'identity' | 'keyOf'>;
  /** How long a packet waits for one before it that is missing. */
  readonly latency: Latency;
  /**
   * A member's report on one of its streams, for whoever plays it, only valid during the call; and the member's CNAME, empty where
   * it tells none.
   */
  readonly onSenderReport: (packet: Uint8Array, cname: string) => void;
  /** A member has something urgent to say, and has proved that it is from it. */
  readonly onUrgent?: (kind: string, from: PeerId, text: string) => void;
  /** RTCP of a member has come; only valid during the call. */
  readonly onHeard?: (peer: PeerId, datagram: Uint8Array) => void;
  /** Whether this member sends us this stream, so that what does not come of it is missing. */
  readonly expects: (owner: PeerId, stream: StreamName) => boolean;
  /** Hears what leaves for members, and what they say has come of it. */
  readonly uplink?: UplinkListener;
  /** Hears what comes, and when what members say was written. */
  readonly downlink?: DownlinkListener;
  /** The rates that the own streams should have, in bit/s; 0: nobody receives it. */
  readonly onRates: (rates: ReadonlyMap<StreamName, number>) => void;
}

const NOBODY_SIGNS: Pick<Signing, 'identity' | 'keyOf'> = { identity: null, keyOf: () => null };

type Resend = Extract<TransportCommand, { type: 'transport.resend' }>;

/** One peer's media: give {@link Transport.logic} to the root machine as its `transport`. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #path: PacketPath;
  readonly #liveness = new Liveness();
  readonly #slices: SliceWatch;
  readonly #stopped = new StoppedStreams();
  readonly #sentLately = new SentLately();
  readonly #backlog = new BacklogWatch();
  readonly #reporter: Reporter;
  readonly #relayedReports: RelayedReports;
  readonly #keyFrames: KeyFrames;
  readonly #feedback: Feedback;
  readonly #again = new ResendQueue({
    clock: systemClock,
    sentBits: () => 8 * this.#path.sentBytes,
    send: ({ ssrc, sequence, to }) => 8 * this.#sendAgain(ssrc, sequence, to),
  });
  readonly #repair: Repair;
  readonly #sealing: Sealing;
  readonly #digests: Digests;
  readonly #rtcp: SealedRtcp;
  readonly reach: Reach;
  readonly #intervals = {
    checkRelays: new Interval(CHECK_RELAYS_MS, () => this.#checkRelays()),
    checkStreams: new Interval(DELAYS.reportInterval / 2, () => this.#tellStopped()),
    watchBacklog: new Interval(DELAYS.backlogLook, () => this.#tellAll(this.#backlog.look(this.#path.waitedMs))),
    checkMembers: new Interval(CHECK_MEMBERS_MS, () => this.#tellAll(this.#liveness.checkMembers(performance.now()))),
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

  private constructor(path: PacketPath, slices: SliceWatch, options: TransportOptions) {
    this.#path = path;
    this.#slices = slices;
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
    });
    const rtcp = new SealedRtcp(path, this.#sealing, (place) => this.memberAt(place));
    this.#digests = new Digests({
      ...{ ...NOBODY_SIGNS, ...options.signing, ...options.reach, clock: backgroundClock, path: rtcp },
      ssrc: () => this.#reporter.identity.ssrc,
      memberAt: (place) => this.memberAt(place),
      tell: (event) => this.#tell(event),
      onRefused: () => this.#setPath(),
      onForged: (ssrc, highest) => this.#sealing.rewind(ssrc, highest),
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
    const isLineFull = () => downlink?.isFull() ?? false;
    this.#repair = new Repair({ path: rtcp, again: this.#again, clock: systemClock, latency, play, isLineFull });
  }

  /** @throws {PathError} where the address cannot be bound. */
  static async open(options: TransportOptions): Promise<Transport> {
    const opened: { transport?: Transport } = {};
    const slices = new SliceWatch();
    const path = await openPath({
      ...options,
      now: () => performance.now(),
      deliver: (packet, ssrc, extendedSequence, from) =>
        opened.transport?.takeDelivered(packet, ssrc, extendedSequence, from),
      onRtcp: (packet, from) => opened.transport?.takeRtcp(packet, from),
      onLeft: (packet, ssrc) => opened.transport?.noteLeft(packet, ssrc),
      onStun: (packet, from, local) => opened.transport?.reach.takeStun(packet, from, local),
    });
    opened.transport = new Transport(path, slices, options);
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
    if (!this.#sendSealed(ssrc, packet)) return;
    this.#reporter.sent(stream, packet);
    this.#keyFrames.sent(stream, ssrc, packet);
  }

  /** A packet of an own stream has left. */
  noteLeft(packet: Uint8Array, ssrc: number): void {
    this.#sentLately.sent(ssrc, readSequence(packet), performance.now());
  }

  /** @returns whether it may leave */
  #sendSealed(ssrc: number, packet: Uint8Array): boolean {
    if (!this.#sealing.seals(ssrc)) {
      this.#path.send(packet);
      return true;
    }
    const sealed = this.#sealing.seal(ssrc, packet);
    if (sealed !== undefined) this.#path.send(sealed, packet);
    return sealed !== undefined;
  }

  /** What is kept of a sealed stream is sealed. @returns how many bytes were sent */
  #sendAgain(ssrc: number, sequence: number, to: Endpoint): number {
    const peer = this.memberAt(to);
    if (!this.#sealing.seals(ssrc) || peer === undefined || this.#sealing.isSealed(peer))
      return this.#path.resend(ssrc, sequence, to);
    const stored = this.#path.stored(ssrc, sequence);
    const clear = stored && this.#sealing.reopen(ssrc, stored);
    if (clear === undefined) return 0;
    this.#path.sendTo(clear, to);
    return clear.length;
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
          this.#resend(command);
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
      this.#again.stop();
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
    this.#again.limit(table.resendLimitBps);
    this.#watchSlices();
    const members = table.members.map(({ peer }) => peer);
    const sentSequence = (ssrc: number) => this.#path.sentSequence(ssrc);
    this.#sentLately.watch([...this.#own.values()], members);
    this.#liveness.watch(table.relays, members, sentSequence, performance.now());
    this.#intervals.checkRelays.run(table.relays.length > 0);
    this.#intervals.reportToClients.every(reportEveryMs(table.relayed, table.paceBps));
    this.#intervals.reportToClients.run(table.relayed.length > 0);
    this.#intervals.checkStreams.run(this.#streams.size > 0);
    this.#intervals.watchBacklog.run(this.#own.size > 0);
    this.#intervals.checkMembers.run(members.length > 0);
    this.#intervals.reportToMembers.run(members.length > 0);
  }

  #setPath(): void {
    const table = this.#table;
    const origins = this.reach.originsOf(table.members.flatMap(({ from }) => from));
    const isRefused = (owner: PeerId, via: PeerId) => this.#digests.isRefused(owner, via);
    this.#path.setTable({ ...pathTable(table, isRefused), origins });
  }

  /** Who sends us what changes without a word to the transport: it is looked at with each report. */
  #watchSlices(): void {
    const expected = [...this.#streams].map(([ssrc, { owner, stream }]) => ({ ssrc, owner, stream }));
    const sent = expected.filter(({ owner, stream }) => this.#options.expects(owner, stream));
    this.#slices.watch(sent);
    this.#stopped.watch(sent);
  }

  #tellStopped(): void {
    for (const { owner, streams } of this.#stopped.check(performance.now())) {
      const [place] = rtcpPlacesOf(this.#table, [owner]);
      if (place !== undefined) this.#rtcp.sendTo(writeStoppedReport(this.#reporter.identity.ssrc, streams), place);
    }
  }

  /** By a receiver's word nothing comes of a stream of ours; by what we have sent that is so. */
  #takeStopped(receiver: PeerId, streams: readonly ReceptionOfStream[], nowMs: number): void {
    const ssrc = this.#sentLately.missedOf(receiver, streams, nowMs);
    if (ssrc === undefined) return;
    const relays = this.#table.relays.map(({ relay }) => relay);
    const acknowledged = streams.flatMap(({ ssrc: of, newest }) => {
      const sent = this.#path.sentSequence(of);
      return sent === undefined ? [] : [{ ssrc: of, sequence: extendSequence(sent, newest) }];
    });
    const event = { receiver, ssrc, relays: this.#liveness.heardOf(relays, nowMs), acknowledged };
    this.#tell({ type: 'legs.withheld', ...event });
  }

  #reportToMembers(): void {
    this.#watchSlices();
    this.#reporter.toMembers(this.#table);
  }

  #checkRelays(): void {
    this.#again.observe();
    this.#tellAll(this.#liveness.checkRelays(performance.now()));
  }

  #resend({ ssrc, afterSequence, slices, to }: Resend): void {
    const sequences = this.#path.storedAfter(ssrc, afterSequence, slices);
    const places = placesOf(this.#table, to);
    this.#again.add(sequences.flatMap((sequence) => places.map((place) => ({ ssrc, sequence, to: place }))));
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
    this.#slices.arrived(ssrc, extendedSequence);
    this.#stopped.arrived(ssrc, extendedSequence, performance.now());
    this.arrived(ssrc, packet);
    this.takePacket(packet, ssrc, extendedSequence, from);
  }

  /** A packet of a member's stream, for whoever plays it. */
  takePacket(...[packet, ssrc, extendedSequence, from]: Parameters<Deliver>): void {
    const way = this.memberAt(from);
    if (way === undefined) return;
    this.reach.heard(way, from);
    this.#tellAll(this.#liveness.heard(way, performance.now()));
    this.#repair.takePacket(packet, ssrc, extendedSequence, from, way);
  }

  /** RTCP of a member proves that it lives as its media does; a relay's forward reports say how far it has come. */
  takeRtcp(received: Uint8Array, from: Endpoint): void {
    const peer = this.memberAt(from);
    const datagram = peer === undefined ? undefined : this.#sealing.openRtcp(peer, received);
    if (peer === undefined || datagram === undefined) return;
    const now = performance.now();
    this.reach.heard(peer, from);
    this.#stopped.heard(now);
    this.#tellAll(this.#liveness.heard(peer, now));
    this.#options.onHeard?.(peer, datagram);
    this.#digests.takeRtcp(peer, datagram);
    this.#feedback.take(peer, datagram);
    this.#takeSenderReports(datagram, peer);
    this.#reporter.takeBlocks(peer, datagram);
    this.#keyFrames.take(peer, datagram);
    this.#repair.takeRtcp(datagram, peer);
    for (const sealed of readSealedTexts(datagram, () => this.reach.keyOf(peer))) {
      const [, kind = '', text = ''] = URGENT.exec(sealed) ?? [];
      this.#options.onUrgent?.(kind, peer, text);
    }
    const stopped = readStoppedReport(datagram, MAX_STREAMS);
    if (stopped.length > 0) this.#takeStopped(peer, stopped, now);
    for (const report of readForwardReports(datagram)) this.#takeForwardReport(report, peer, now);
  }

  #takeForwardReport({ streamSsrc, newest }: ForwardReport, relay: PeerId, nowMs: number): void {
    if (!this.#isOwn(streamSsrc)) return;
    const sent = this.#path.sentSequence(streamSsrc);
    const acknowledged = newest === undefined || sent === undefined ? undefined : extendSequence(sent, newest);
    this.#tellAll(this.#liveness.reported(relay, streamSsrc, acknowledged, nowMs));
  }

  #isOwn(ssrc: number): boolean {
    return this.#table.own.some((stream) => stream.ssrc === ssrc);
  }

  /** What a member says it has sent of its own streams, or of those it relays: for whoever plays them, and against what has come. */
  #takeSenderReports(datagram: Uint8Array, peer: PeerId): void {
    const reports = readSenderReports(datagram, MAX_STREAMS);
    const cnames = reports.length === 0 ? undefined : readCnames(datagram);
    for (const { ssrc, packets, shortNtp, report } of reports) {
      const owner = this.streamOf(ssrc)?.owner;
      const cname = cnames?.get(ssrc) ?? '';
      if (owner === peer) {
        this.#tellAll(this.#slices.reported(ssrc, packets));
        this.#reporter.reported(ssrc, shortNtp);
        this.#feedback.takeSenderReport(peer, shortNtp);
        this.#relayedReports.pass(peer, ssrc, report, cname, performance.now());
      } else if (owner === undefined || !this.#relayedReports.mayTell(peer, owner)) continue;
      this.#options.onSenderReport(report, cname);
    }
  }

  #tellAll(events: readonly TransportEvent[]): void {
    for (const event of events) this.#tell(event);
  }
}
