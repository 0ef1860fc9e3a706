/**
 * RTCP between us and the program that feeds a stream: by its sender reports we know its clock, and where to ask it for key frames.
 * It may come to the port of its RTP (RFC 5761) or to the next one (RFC 3550 section 11).
 */
import type { RemoteInfo, Socket } from 'node:dgram';
import type { Endpoint } from '../../infra/path/contract.ts';
import { writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { type ReceivedSenderReport, readSenderReports } from '../../infra/rtcp/reception-report.ts';
import { readCnames } from '../../infra/rtcp/source-description.ts';
import type { ProgramTime } from '../media/reports/own-reports.ts';
import { compoundOf, type RtcpIdentity } from '../media/reports/reports.ts';
import type { SourceAnswer } from './contract.ts';

/** A program reports on the streams that it has at a port: one, or a few that we do not take. */
const MOST_REPORTS = 8;

export interface ProgramRtcpOptions {
  /** Who we are to the program. */
  readonly identity: RtcpIdentity;
  /** Where to ask for key frames, whatever comes from where; null: where the program's RTCP comes from. */
  readonly to: Endpoint | null;
  /** The source's, one of each family of addresses that the machine has. */
  readonly sockets: readonly Socket[];
  /** The program's stream that is taken now, and what is added to its timestamps. */
  readonly offset: () => { readonly ssrc: number; readonly timestamp: number } | undefined;
  /** Null: another program, or the same one anew. */
  readonly onTime: (time: ProgramTime | null) => void;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** What a program has said last. */
interface Told {
  readonly ssrc: number;
  /** Null: it was of a clock that has been set anew since. */
  readonly report: ReceivedSenderReport | null;
  readonly cname: string;
  readonly atMs: number;
  readonly from: Endpoint;
  readonly socket: Socket;
}

export class ProgramRtcp {
  readonly #options: ProgramRtcpOptions;
  #told: Told | null = null;
  /** Of the stream that began last. */
  #begunSsrc: number | null = null;

  constructor(options: ProgramRtcpOptions) {
    this.#options = options;
  }

  /** A datagram of RTCP has come. Of a program whose stream is not taken it is nothing, unless that begins next. */
  take(datagram: Uint8Array, { address, port }: RemoteInfo, socket: Socket): void {
    const running = this.#options.offset()?.ssrc;
    const reports = readSenderReports(datagram, MOST_REPORTS);
    const report = reports.find(({ ssrc }) => ssrc === running) ?? (this.#isRunning() ? undefined : reports[0]);
    if (report === undefined) return;
    const cname = readCnames(datagram).get(report.ssrc) ?? '';
    const from = { host: address, port };
    this.#told = { ssrc: report.ssrc, report: { ...report }, cname, atMs: this.#options.now(), from, socket };
    this.#tell();
  }

  /**
   * A stream has begun, or its clock was set back, and the first packet is on its way. What its program has said before counts from
   * now on, unless that was about the stream that ran until now under the same SSRC.
   */
  began(): void {
    const ssrc = this.#options.offset()?.ssrc ?? null;
    if (this.#told !== null && ssrc === this.#begunSsrc) this.#told = { ...this.#told, report: null };
    this.#begunSsrc = ssrc;
    this.#options.onTime(null);
    this.#tell();
  }

  requestKeyFrame(): SourceAnswer {
    const media = this.#options.offset();
    if (media === undefined) return 'needless';
    const { identity } = this.#options;
    const way = this.#wayToProgram();
    if (way === undefined) return 'unreachable';
    const request = compoundOf(identity, writePictureLoss(identity.ssrc, media.ssrc));
    way.socket.send(request, way.to.port, way.to.host);
    return 'asked';
  }

  /** Back the way that its RTCP came, unless we were told another. */
  #wayToProgram(): { readonly to: Endpoint; readonly socket: Socket } | undefined {
    const { to, sockets } = this.#options;
    if (to === null)
      return this.#told !== null && this.#isRunning() ? { to: this.#told.from, socket: this.#told.socket } : undefined;
    const family = to.host.includes(':') ? 'IPv6' : 'IPv4';
    const socket = sockets.find((one) => one.address().family === family);
    return socket === undefined ? undefined : { to, socket };
  }

  /** Whether what was said last is about the stream that is taken. */
  #isRunning(): boolean {
    return this.#told !== null && this.#told.ssrc === this.#options.offset()?.ssrc;
  }

  #tell(): void {
    const offset = this.#options.offset();
    if (this.#told === null || offset === undefined || this.#told.ssrc !== offset.ssrc) return;
    const { report, cname, atMs } = this.#told;
    if (report === null) return;
    const rtpTimestamp = (report.rtpTimestamp + offset.timestamp) >>> 0;
    this.#options.onTime({ cname, unixMs: report.unixMs, rtpTimestamp, toldMs: atMs });
  }
}
