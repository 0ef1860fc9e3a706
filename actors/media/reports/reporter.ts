/** Sends what a peer reports on the media path: to clients how far it has come with their streams, to members what was sent and got. */
import { randomInt } from 'node:crypto';
import { parseCodec } from '../../../infra/codec/codec.ts';
import type { Endpoint, PacketPath, SsrcCounters } from '../../../infra/path/contract.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';
import { type ForwardReport, writeForwardReports } from '../../../infra/rtcp/forward-report.ts';
import { ntpWords, shortNtp } from '../../../infra/rtcp/ntp.ts';
import { type ReportBlock, readReportBlocks } from '../../../infra/rtcp/reception-report.ts';
import { freshCname, writeGoodbye } from '../../../infra/rtcp/source-description.ts';
import { wireSequence } from '../../../infra/rtp/sequence.ts';
import { MAX_STREAMS, type PeerId, type StreamInfo, type StreamName } from '../../../machines/messages.ts';
import { unixMsAt } from '../../clock.ts';
import { type AddressedTable, ownCodecs } from '../addressed-table.ts';
import { OwnReports, type ProgramTime } from './own-reports.ts';
import { ReceivedStreams } from './received-streams.ts';
import { PLAYER_STALE_MS, type PlayerReport, type ReceiverReport, ReceiverReports } from './receiver-reports.ts';
import { compoundOf, type Reception, type RtcpIdentity, receptionOf, reportBlock, reportDatagram } from './reports.ts';

type ReportingPath = Pick<PacketPath, 'sendTo' | 'ssrcCounters'>;

export class Reporter {
  readonly #path: ReportingPath;
  readonly #own = new OwnReports();
  readonly #received = new ReceivedStreams();
  readonly #receivers = new ReceiverReports();
  /** What players here say of members' streams, by member. */
  readonly #players = new ReceiverReports(PLAYER_STALE_MS);
  /** By SSRC, up to the last report. */
  readonly #receptions = new Map<number, Reception>();
  readonly #cname = freshCname();
  /** Under which a peer that shows nothing reports (RFC 3550 section 8 wants it random). */
  readonly #silentSsrc = randomInt(2 ** 32);
  #table: Pick<AddressedTable, 'own' | 'members'> = { own: [], members: [] };

  constructor(path: ReportingPath) {
    this.#path = path;
  }

  /** Under which SSRC a peer speaks: that of its first stream, if it shows any. */
  get identity(): RtcpIdentity {
    return { ssrc: this.#table.own[0]?.ssrc ?? this.#silentSsrc, cname: this.#cname };
  }

  /** Says goodbye for own streams that are no longer in the table, and forgets all others that are not. */
  follow(table: AddressedTable): void {
    this.#endAllBut(new Set(table.own.map(({ ssrc }) => ssrc)));
    this.#table = table;
    this.#own.follow(ownCodecs(table));
    const streams = table.members.flatMap(({ streams }) => streams);
    const clockRates = new Map(streams.map(({ ssrc, codec }) => [ssrc, parseCodec(codec)?.clockRate ?? 0]));
    this.#received.follow(clockRates);
    for (const ssrc of this.#receptions.keys()) if (!clockRates.has(ssrc)) this.#receptions.delete(ssrc);
    const members = table.members.map(({ peer }) => peer);
    this.#receivers.follow(members, new Set(table.own.map(({ stream }) => stream)));
    this.#players.follow(members, new Set(streams.map(({ name }) => name)));
  }

  /** Says goodbye for all own streams: the last that members hear. */
  end(): void {
    this.#endAllBut(new Set());
    this.#table = { own: [], members: [] };
  }

  /** A packet of an own stream has been sent. Cheap enough to be called for every packet. */
  sent(stream: StreamName, packet: Uint8Array): void {
    this.#own.sent(stream, packet, performance.now());
  }

  programTime(stream: StreamName, time: ProgramTime | null): void {
    this.#own.programTime(stream, time);
  }

  /** A packet of a member's stream has come. Cheap enough to be called for every packet. */
  arrived(ssrc: number, packet: Uint8Array): void {
    this.#received.arrived(ssrc, packet, performance.now());
  }

  /** A sender report of a member's stream has come. */
  reported(ssrc: number, shortNtpTime: number): void {
    this.#received.reported(ssrc, shortNtpTime, performance.now());
  }

  /** Reads what a member says in a datagram of how it gets our streams. */
  takeBlocks(peer: PeerId, datagram: Uint8Array): void {
    const nowMs = performance.now();
    const { seconds, fraction } = ntpWords(unixMsAt(nowMs));
    for (const block of readReportBlocks(datagram, MAX_STREAMS)) {
      const stream = this.#table.own.find(({ ssrc }) => ssrc === block.ssrc)?.stream;
      const clockRate = stream === undefined ? undefined : this.#own.clockRateOf(stream);
      if (stream === undefined || clockRate === undefined) continue;
      const reported = { stream, clockRate, packets: this.#own.packetsOf(stream) };
      this.#receivers.take(peer, block, reported, shortNtp(seconds, fraction), nowMs);
    }
  }

  /** Reads what a player here says in a datagram of how it gets this stream of a member. */
  takePlayerBlocks(owner: PeerId, stream: StreamName, datagram: Uint8Array): void {
    const streams = this.#table.members.find(({ peer }) => peer === owner)?.streams;
    const played = streams?.find(({ name }) => name === stream);
    const clockRate = played === undefined ? undefined : parseCodec(played.codec)?.clockRate;
    if (played === undefined || clockRate === undefined) return;
    const block = readReportBlocks(datagram, MAX_STREAMS).find(({ ssrc }) => ssrc === played.ssrc);
    if (block === undefined) return;
    const packets = this.#path.ssrcCounters(played.ssrc)?.deliveredPackets ?? 0;
    // What it has of our sender reports are the member's, by the member's clock.
    this.#players.take(owner, { ...block, lastReport: 0 }, { stream, clockRate, packets }, 0, performance.now());
  }

  /** How players here get a member's streams, as they say themselves. */
  playerReportsOf(owner: PeerId): PlayerReport[] {
    return this.#players.of(owner, performance.now()).map(({ roundTripMs: _, ...report }) => report);
  }

  /** How a member gets our streams, as it says itself. */
  receiverReportsOf(peer: PeerId): ReceiverReport[] {
    return this.#receivers.of(peer, performance.now());
  }

  /** How many of a member's reports could not be true. */
  implausibleOf(peer: PeerId): number {
    return this.#receivers.implausibleOf(peer);
  }

  /** One datagram to each client, with a report for each of its streams. */
  toClients({ relayed }: AddressedTable): void {
    const clients = new Map<string, { readonly to: Endpoint; readonly reports: ForwardReport[] }>();
    for (const { ssrc, upstream } of relayed) {
      const newest = newestOf(this.#path.ssrcCounters(ssrc));
      const known = clients.get(endpointText(upstream));
      const client: NonNullable<typeof known> = known ?? { to: upstream, reports: [] };
      client.reports.push({ forwarderSsrc: this.identity.ssrc, streamSsrc: ssrc, newest });
      clients.set(endpointText(upstream), client);
    }
    for (const { to, reports } of clients.values()) this.#path.sendTo(writeForwardReports(reports), to);
  }

  /** One datagram to each member: sender reports of the own streams, and what has come of the member's. */
  toMembers({ own, members }: AddressedTable): void {
    const nowMs = performance.now();
    const sent = own.flatMap(({ stream, ssrc }) => this.#own.reportOf(stream, ssrc, nowMs) ?? []);
    for (const { rtcpTo, streams } of members) {
      if (rtcpTo === null) continue;
      const blocks = streams.flatMap((stream) => this.#blocksOn(stream, nowMs));
      this.#path.sendTo(reportDatagram(this.identity, sent, blocks, unixMsAt(nowMs)), rtcpTo);
    }
  }

  #blocksOn({ ssrc }: StreamInfo, nowMs: number): ReportBlock[] {
    const counters = this.#path.ssrcCounters(ssrc);
    if (counters === undefined || counters.deliveredPackets === 0) return [];
    const before = this.#receptions.get(ssrc) ?? { expected: 0, received: 0 };
    this.#receptions.set(ssrc, receptionOf(counters));
    return [reportBlock(ssrc, counters, before, this.#received.measured(ssrc, nowMs))];
  }

  #endAllBut(kept: ReadonlySet<number>): void {
    const { own, members } = this.#table;
    const ended = own.map(({ ssrc }) => ssrc).filter((ssrc) => !kept.has(ssrc));
    if (ended.length === 0) return;
    const datagram = compoundOf(this.identity, writeGoodbye(ended));
    for (const { rtcpTo } of members) if (rtcpTo !== null) this.#path.sendTo(datagram, rtcpTo);
  }
}

/** Before the first packet there is none, though the counters name one below the first. */
function newestOf(counters: SsrcCounters | undefined): number | undefined {
  if (counters === undefined || counters.highestSequence < counters.firstSequence) return undefined;
  return wireSequence(counters.highestSequence);
}
