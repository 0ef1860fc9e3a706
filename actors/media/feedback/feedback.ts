/**
 * Feedback on arrivals (RFC 8888), hop by hop: to whoever sent us packets, of which have come and when; and from those whom we send
 * packets, for whoever measures our uplink. A relay reports to its client, and its receivers to the relay: no report passes on.
 */
import type { Endpoint, NotedPacket, PacketPath } from '../../../infra/path/contract.ts';
import { writeArrivalReport } from '../../../infra/rtcp/arrival-report.ts';
import { ntpWords, shortNtp } from '../../../infra/rtcp/ntp.ts';
import type { Came, Written } from '../../../machines/downlink/contract.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Feedback as Report, Sent } from '../../../machines/uplink/contract.ts';
import { type Clock, unixMsAt } from '../../clock.ts';
import { runAfter } from '../../run-after.ts';
import type { AddressedMember } from '../addressed-table.ts';
import { MemberPlaces } from '../member-places.ts';
import { Arrivals } from './arrivals.ts';
import { planReports, type ReportPlan } from './feedback-interval.ts';
import { ReportsTaken, type TakenCounts } from './reports-taken.ts';

/** How often what has passed is looked at, and how seldom where nothing has for a while. In ms. */
const LOOK_MS = 25;
const IDLE_LOOK_MS = 100;
const IDLE_AFTER_MS = 1000;
/** Timers are late by as much on any computer. More, and what has come in time is read late. In ms. */
const LATE_MS = 10;
/** Of IPv6 and UDP, in bytes: the most there is. */
const DATAGRAM_HEAD_BYTES = 48;
/** In front of the streams, and behind them. */
const REPORT_HEAD_BYTES = 12;
const STREAM_HEAD_BYTES = 8;

/** Whoever measures our uplink. */
export interface UplinkListener {
  /** What has left since the last time, oldest first; never nothing. */
  readonly sent: (packets: readonly Sent[]) => void;
  readonly reported: (report: Report) => void;
}

/** Whoever measures our downlink. */
export interface DownlinkListener {
  /** What has come since the last time; never nothing. */
  readonly came: (packets: readonly Came[]) => void;
  readonly written: (report: Written) => void;
  /** Whether so much waits in front of it that it must be acted on. */
  readonly isFull: () => boolean;
}

export interface FeedbackOptions {
  readonly path: Pick<PacketPath, 'note' | 'takeNoted' | 'sendTo'>;
  readonly clock: Clock;
  /** The time of day that reports show at a moment of the clock, in ms since the Unix epoch; left out: the system's. */
  readonly unixMs?: (nowMs: number) => number;
  /** Under which SSRC we report. */
  readonly ssrc: () => number;
  readonly uplink?: UplinkListener | undefined;
  readonly downlink?: DownlinkListener | undefined;
}

/** Totals. */
export interface FeedbackCounts extends TakenCounts {
  /** Datagrams, and their bytes on the wire. */
  readonly sent: number;
  readonly sentBytes: number;
}

/** Who is there, and what our own uplink carries. */
export interface FeedbackTable {
  readonly members: readonly Pick<AddressedMember, 'peer' | 'address' | 'from' | 'compatible'>[];
  /** bit/s; 0: not known. */
  readonly paceBps: number;
}

/** A member that speaks RPR, and where it is. */
interface Reported {
  readonly address: Endpoint;
  readonly arrivals: Arrivals;
}

export class Feedback {
  readonly #options: FeedbackOptions;
  readonly #taken = new ReportsTaken();
  #members = new Map<PeerId, Reported>();
  #places = new MemberPlaces([]);
  /** Whose each of the path's addresses is: the path names an address by the same object each time, as long as it has it. */
  #memberAt = new Map<Endpoint, PeerId | undefined>();
  #uploadBps = 0;
  #reportedAtMs = 0;
  #plan: ReportPlan = planReports({ perReport: 0, perMs: 0 }, 0);
  #hasNews = false;
  #passedAtMs = Number.NEGATIVE_INFINITY;
  #sent = 0;
  #sentBytes = 0;
  #endWait: (() => void) | null = null;
  /** We ran late: what was read meanwhile, and first after it, may have come any time before. */
  #late = { fromMs: Number.POSITIVE_INFINITY, untilMs: 0 };

  constructor(options: FeedbackOptions) {
    this.#options = options;
  }

  get counts(): FeedbackCounts {
    return { ...this.#taken.counts, sent: this.#sent, sentBytes: this.#sentBytes };
  }

  /** Reports to those members of the table from now on to whom a way is open and who speak RPR. */
  follow(table: FeedbackTable): void {
    const members = table.members.filter(({ compatible }) => compatible);
    const before = this.#members;
    this.#members = new Map(
      members.flatMap(({ peer, address }) =>
        address === null ? [] : [[peer, { address, arrivals: before.get(peer)?.arrivals ?? new Arrivals() }]],
      ),
    );
    this.#taken.follow(new Set(this.#members.keys()));
    this.#places = new MemberPlaces(members);
    this.#memberAt = new Map();
    this.#uploadBps = table.paceBps;
    // What leaves is of use to nobody but who measures our uplink.
    const wanted = this.#options.uplink === undefined ? 'arrivals' : 'all';
    this.#options.path.note(this.#members.size === 0 ? 'nothing' : wanted);
    if (this.#members.size === 0) this.stop();
    else if (this.#endWait === null) this.#lookAfter(LOOK_MS);
  }

  /** RTCP has come of this member. */
  take(peer: PeerId, datagram: Uint8Array): void {
    if (!this.#members.has(peer)) return;
    const { uplink, downlink, clock } = this.#options;
    const reports = this.#taken.take(peer, datagram, clock.now());
    for (const { reportedAtMs, atMs } of reports) downlink?.written({ from: peer, writtenAtMs: reportedAtMs, atMs });
    if (reports.length === 0 || uplink === undefined) return;
    // What it is about must be known before.
    this.#readNoted();
    for (const report of reports) uplink.reported(report);
  }

  /** A sender report has come of this member, of a stream of its own: it tells when it was written, too. */
  takeSenderReport(peer: PeerId, shortNtpTime: number): void {
    const { downlink, clock } = this.#options;
    if (downlink === undefined || !this.#members.has(peer)) return;
    const atMs = clock.now();
    downlink.written({ from: peer, writtenAtMs: this.#taken.writtenAtMs(peer, shortNtpTime, atMs), atMs });
  }

  /** Hands over to whoever measures what has passed by now. */
  catchUp(): void {
    this.#readNoted();
  }

  stop(): void {
    this.#endWait?.();
    this.#endWait = null;
  }

  #look(lateMs: number): void {
    const nowMs = this.#options.clock.now();
    if (lateMs >= LATE_MS) this.#late = { fromMs: nowMs - lateMs, untilMs: nowMs + LOOK_MS };
    const hasPassed = this.#readNoted();
    if (hasPassed) this.#passedAtMs = nowMs;
    if (this.#hasNews && this.#untilReportMs(nowMs) <= 0) this.#report(nowMs);
    const lookMs = nowMs - this.#passedAtMs < IDLE_AFTER_MS ? LOOK_MS : IDLE_LOOK_MS;
    const waitMs = this.#hasNews ? Math.min(lookMs, this.#untilReportMs(nowMs)) : lookMs;
    this.#lookAfter(waitMs);
  }

  #lookAfter(waitMs: number): void {
    this.#endWait = runAfter(this.#options.clock, waitMs, (lateMs) => this.#look(lateMs));
  }

  #untilReportMs(nowMs: number): number {
    return this.#reportedAtMs + this.#plan.intervalMs - nowMs;
  }

  /** @returns whether anything has passed */
  #readNoted(): boolean {
    const { path, uplink, downlink } = this.#options;
    const sent: Sent[] = [];
    const came: Came[] = [];
    let hasPassed = false;
    path.takeNoted((packet) => {
      hasPassed = true;
      const peer = this.#memberOf(packet.place);
      if (packet.what === 'arrived') came.push({ from: peer, bytes: packet.bytes, atMs: packet.atMs });
      if (peer === undefined) return;
      if (packet.what === 'arrived') this.#arrived(peer, packet);
      else sent.push(sentPacket(peer, packet));
    });
    if (sent.length > 0) uplink?.sent(sent);
    if (came.length > 0) downlink?.came(came);
    return hasPassed;
  }

  #memberOf(place: Endpoint): PeerId | undefined {
    const known = this.#memberAt.get(place);
    if (known !== undefined || this.#memberAt.has(place)) return known;
    const peer = this.#places.at(place);
    this.#memberAt.set(place, peer);
    return peer;
  }

  #arrived(peer: PeerId, { ssrc, sequence, atMs, isTimed = false }: NotedPacket): void {
    const isTimely = isTimed || atMs < this.#late.fromMs || atMs > this.#late.untilMs;
    this.#members.get(peer)?.arrivals.arrived(ssrc, sequence, atMs, isTimely);
    this.#hasNews = true;
  }

  #report(nowMs: number): void {
    const { seconds, fraction } = ntpWords((this.#options.unixMs ?? unixMsAt)(nowMs));
    const { again } = this.#plan;
    let perReport = 0;
    let told = 0;
    for (const { address, arrivals } of this.#members.values()) {
      for (const streams of arrivals.report(nowMs, again)) {
        const report = { senderSsrc: this.#options.ssrc(), shortNtp: shortNtp(seconds, fraction), streams };
        const datagram = writeArrivalReport(report);
        this.#options.path.sendTo(datagram, address);
        const head = DATAGRAM_HEAD_BYTES + REPORT_HEAD_BYTES + STREAM_HEAD_BYTES * streams.length;
        perReport += head;
        told += DATAGRAM_HEAD_BYTES + datagram.length - head;
        this.#sent++;
        this.#sentBytes += DATAGRAM_HEAD_BYTES + datagram.length;
      }
    }
    const perMs = told / (again ? 2 : 1) / (nowMs - this.#reportedAtMs);
    this.#plan = planReports({ perReport, perMs }, this.#uploadBps);
    this.#reportedAtMs = nowMs;
    this.#hasNews = false;
  }
}

function sentPacket(leg: PeerId, { what, ssrc, sequence, bytes, atMs }: NotedPacket): Sent {
  return { leg, ssrc, seq: sequence, bytes, sentAtMs: atMs, resent: what === 'resent' };
}
