/**
 * RTP and RTCP of one kind of media with a phone: to where its call comes from, once that has proved itself, or to where RTP of it has come
 * from, as much as that has shown to want, and nowhere else.
 * Reports go to its RTCP port, also where nothing is sent: phones hang up on silence. Never to its RTP port.
 */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import type { Endpoint } from '../../infra/path/contract.ts';
import { readKeyFrameRequests, writeFullIntra, writePictureLoss } from '../../infra/rtcp/feedback.ts';
import {
  type ReceivedSenderReport,
  readReportBlocks,
  readSenderReports,
  writeReport,
} from '../../infra/rtcp/reception-report.ts';
import { readCnames, writeDescription, writeGoodbye } from '../../infra/rtcp/source-description.ts';
import {
  isRtcp,
  RTCP_MIN_BYTES,
  RTP_HEADER_BYTES,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
  readVersion,
} from '../../infra/rtp/header.ts';
import { payloadOf } from '../../infra/rtp/payload.ts';
import type { Agreed } from '../../infra/sip/sdp/session.ts';
import { Allowance, type Limit } from '../../machines/hearing/allowance.ts';
import { unixMsAt } from '../clock.ts';
import { FeedReception } from '../media/reports/feed-reception.ts';
import { ReceivedStreams } from '../media/reports/received-streams.ts';
import { compoundOf } from '../media/reports/reports.ts';
import { MediaProof } from './media-proof.ts';

/** Packets of a phone, a picture of 4 Mbit/s and its voice; and RTCP, of which it sends a few a second. */
const RTP_LIMIT: Limit = { burst: 1000, perSecond: 1000 };
const RTCP_LIMIT: Limit = { burst: 100, perSecond: 100 };
const MAX_BYTES = 1500;
/** Of one datagram: the phone knows one stream. */
const MOST_REQUESTS = 4;
/** How often it is news at most how much is lost, in ms: phones report each few seconds. */
const LOST_NEWS_MS = 1000;
/** A phone that begins a stream anew has been told to; whoever does so more often, in ms, is not followed. */
const ANEW_MS = 200;

/** Where a call comes from. */
export interface Caller {
  readonly host: string;
  /** Whether whoever calls has proved to be at this host. */
  readonly isProved: (host: string) => boolean;
  /** It has, by its media. */
  readonly hasProved: (host: string) => void;
  /** Asks it to. @returns false: it cannot be asked now */
  readonly prove: (host: string) => boolean;
}

export interface PhoneLineOptions {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly cname: string;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  readonly onRtp: (packet: Uint8Array) => void;
  /** The phone cannot go on without a key frame of ours. */
  readonly onKeyFrameWanted: () => void;
  readonly onReport: (report: ReceivedSenderReport, cname: string) => void;
  /** The phone reports that so many packets of ours are lost, where that is news. */
  readonly onLost: (packets: number) => void;
}

export class PhoneLine {
  #ssrc = randomInt(2 ** 32);
  readonly #options: PhoneLineOptions;
  readonly #rtpAllowance = new Allowance(RTP_LIMIT);
  readonly #rtcpAllowance = new Allowance(RTCP_LIMIT);
  readonly #measured = new ReceivedStreams();
  #agreed: Agreed | null = null;
  #caller: Caller = { host: '', isProved: () => false, hasProved: () => undefined, prove: () => false };
  /** Who takes the media has been asked whether it is part of the call. */
  #isAsked = false;
  readonly #proof = new MediaProof(() => randomInt(2 ** 32) / 2 ** 32);
  /** Something was held back, for a proof or while the phone holds the call: a picture cannot be shown without it. */
  #isHoldingBack = false;
  #heardFrom: { rtp: Endpoint | null; rtcp: Endpoint | null } = { rtp: null, rtcp: null };
  #reception: FeedReception | null = null;
  #receptionMs = Number.NEGATIVE_INFINITY;
  /** Of full intra requests: of the newest that was sent, and of the newest that came. */
  #intra = { sent: 0, heard: -1 };
  #heardMs = Number.NEGATIVE_INFINITY;
  /** What the phone has reported last to be lost, and when. */
  #lost = { packets: -1, atMs: Number.NEGATIVE_INFINITY };
  #sent = { packets: 0, bytes: 0, timestamp: 0, atMs: 0 };

  constructor(options: PhoneLineOptions) {
    this.#options = options;
    options.rtp.on('message', (packet, { address: host, port }) => this.#takeRtp(packet, { host, port }));
    options.rtcp.on('message', (packet, { address: host, port }) => this.#takeRtcp(packet, { host, port }));
    for (const socket of [options.rtp, options.rtcp]) socket.on('error', () => undefined);
  }

  /** Of all that is sent here. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** When the phone was last heard here, in ms. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** This holds from now on; null: nothing goes either way. */
  follow(agreed: Agreed | null, caller: Caller): void {
    this.#agreed = agreed;
    this.#caller = caller;
    this.#proof.follow(agreed?.to?.host ?? null);
    this.#isAsked = false;
    const rate = agreed?.format.codec.clockRate ?? 1;
    if (this.#reception !== null) this.#measured.follow(new Map([[this.#reception.ssrc, rate]]));
  }

  /** What is sent from now on is another stream: numbers and times of the one before would mean nothing in it. */
  beginAnew(): void {
    if (this.#sent.packets > 0) this.#sayGoodbye();
    this.#ssrc = randomInt(2 ** 32);
    this.#sent = { packets: 0, bytes: 0, timestamp: 0, atMs: 0 };
    this.#intra.heard = -1;
  }

  /** The bytes must not change any more. */
  send(packet: Uint8Array): void {
    const to = this.#target('rtp');
    if (to === null) return;
    if (!this.#agreed?.isSentTo) {
      this.#isHoldingBack = true;
      return;
    }
    if (!this.#mayTake(to.host, packet.length)) {
      this.#isHoldingBack = true;
      this.#isAsked ||= to.host !== this.#caller.host && this.#caller.prove(to.host);
      return;
    }
    if (this.#isHoldingBack) this.#options.onKeyFrameWanted();
    this.#isHoldingBack = false;
    const bytes = this.#sent.bytes + (payloadOf(packet)?.length ?? 0);
    this.#sent = {
      packets: this.#sent.packets + 1,
      bytes,
      timestamp: readTimestamp(packet),
      atMs: this.#options.now(),
    };
    this.#options.rtp.send(packet, to.port, to.host);
  }

  /** To be called at least each five seconds. */
  report(): void {
    const nowMs = this.#options.now();
    const { packets, bytes, timestamp, atMs } = this.#sent;
    const clockRate = this.#agreed?.format.codec.clockRate ?? 0;
    const rtpTimestamp = (timestamp + Math.round(((nowMs - atMs) * clockRate) / 1000)) >>> 0;
    const to = this.#target('rtcp');
    const isProved = to === null || this.#caller.isProved(to.host);
    const unixMs = isProved ? unixMsAt(nowMs) : this.#proof.momentOf(unixMsAt(nowMs));
    const sent = packets === 0 ? null : { unixMs, rtpTimestamp, packets, bytes: bytes >>> 0 };
    const reception = this.#reception;
    const blocks = reception === null ? [] : [reception.block(this.#measured.measured(reception.ssrc, nowMs))];
    this.#sendRtcp(
      Buffer.concat([writeReport(this.ssrc, sent, blocks), writeDescription([this.ssrc], this.#options.cname)]),
    );
  }

  /** Asks the phone for a key frame of what it sends under this SSRC. @returns false: it has to be asked by its call */
  requestKeyFrame(ssrc: number): boolean {
    const by = this.#agreed?.keyFrameBy ?? null;
    if (by === null) return false;
    const { cname } = this.#options;
    this.#intra.sent = (this.#intra.sent + 1) & 0xff;
    const request =
      by === 'pli' ? writePictureLoss(this.ssrc, ssrc) : writeFullIntra(this.ssrc, ssrc, this.#intra.sent);
    this.#sendRtcp(compoundOf({ ssrc: this.ssrc, cname }, request));
    return true;
  }

  close(): void {
    this.#sayGoodbye();
    // What is sent goes out before a socket closes.
    for (const socket of [this.#options.rtp, this.#options.rtcp]) setImmediate(() => socket.close());
  }

  #sayGoodbye(): void {
    this.#sendRtcp(compoundOf({ ssrc: this.ssrc, cname: this.#options.cname }, writeGoodbye([this.ssrc])));
  }

  #takeRtp(packet: Uint8Array, from: Endpoint): void {
    const nowMs = this.#options.now();
    if (!this.#admits(from) || !this.#rtpAllowance.take(1, nowMs)) return;
    if (from.host !== this.#caller.host) this.#proof.heard(packet.length);
    // Who has nothing to say yet opens its router's way so (RFC 6263 section 4): with STUN, or with nothing. Media may come from elsewhere.
    this.#heardFrom.rtp ??= from;
    if (packet.length < RTP_HEADER_BYTES || packet.length > MAX_BYTES || readVersion(packet) !== 2) return;
    if (isRtcp(packet)) {
      this.#takeRtcp(packet, from);
      return;
    }
    if (payloadOf(packet) === undefined || !this.#agreed?.sends) return;
    // Comfort noise and keys that are pressed come under numbers of their own: they are no sound of this codec.
    if (!this.#agreed.heardAs.includes(readPayloadType(packet))) return;
    const ssrc = readSsrc(packet);
    const isAnew = this.#reception?.ssrc !== ssrc;
    if (isAnew && nowMs - this.#receptionMs < ANEW_MS) return;
    this.#heardMs = nowMs;
    this.#heardFrom.rtp = from;
    if (isAnew || this.#reception === null) {
      this.#receptionMs = nowMs;
      this.#reception = new FeedReception(ssrc, readSequence(packet));
      this.#measured.follow(new Map([[ssrc, this.#agreed.format.codec.clockRate]]));
    }
    this.#reception.arrived(readSequence(packet));
    this.#measured.arrived(ssrc, packet, nowMs);
    this.#options.onRtp(packet);
  }

  #takeRtcp(datagram: Uint8Array, from: Endpoint): void {
    const nowMs = this.#options.now();
    if (!this.#admits(from) || !this.#rtcpAllowance.take(1, nowMs)) return;
    if (datagram.length < RTCP_MIN_BYTES || datagram.length > MAX_BYTES) return;
    this.#heardMs = nowMs;
    this.#heardFrom.rtcp = from;
    if (from.host !== this.#caller.host) this.#proof.heard(datagram.length);
    if (this.#wantsKeyFrame(datagram)) this.#options.onKeyFrameWanted();
    const cnames = readCnames(datagram);
    for (const report of readSenderReports(datagram, MOST_REQUESTS)) {
      this.#measured.reported(report.ssrc, report.shortNtp, nowMs);
      this.#options.onReport(report, cnames.get(report.ssrc) ?? '');
    }
    const block = readReportBlocks(datagram, MOST_REQUESTS).find(({ ssrc }) => ssrc === this.ssrc);
    if (block === undefined) return;
    if (from.host !== this.#caller.host && this.#proof.echoed(block.lastReport)) this.#caller.hasProved(from.host);
    this.#lose(Math.max(0, block.packetsLost), nowMs);
  }

  /** A full intra request is repeated under its number until the key frame has come (RFC 5104 section 4.3.1). */
  #wantsKeyFrame(datagram: Uint8Array): boolean {
    let isNew = false;
    for (const { number } of readKeyFrameRequests(datagram, MOST_REQUESTS)) {
      if (number === null || number !== this.#intra.heard) isNew = true;
      this.#intra.heard = number ?? this.#intra.heard;
    }
    return isNew;
  }

  #lose(packets: number, nowMs: number): void {
    if (packets === this.#lost.packets || nowMs - this.#lost.atMs < LOST_NEWS_MS) return;
    this.#lost = { packets, atMs: nowMs };
    this.#options.onLost(packets);
  }

  #admits({ host }: Endpoint): boolean {
    return host === this.#caller.host || host === this.#agreed?.to?.host;
  }

  #mayTake(host: string, bytes: number): boolean {
    if (this.#caller.isProved(host)) return true;
    // Nothing has come from a caller that has not proved itself: not even a little is sent there, for what comes may be from elsewhere.
    return host !== this.#caller.host && this.#proof.takes(bytes);
  }

  /** Where the description says, if the call comes from there; else where the phone has been heard from. */
  #target(kind: 'rtp' | 'rtcp'): Endpoint | null {
    const to = this.#agreed?.to ?? null;
    if (to === null) return null;
    if (to.host === this.#caller.host) return { host: to.host, port: kind === 'rtp' ? to.port : to.rtcpPort };
    const heard = this.#heardFrom[kind];
    // What was heard before another description has proved nothing of this one.
    return heard !== null && this.#admits(heard) ? heard : null;
  }

  #sendRtcp(datagram: Uint8Array): void {
    const to = this.#target('rtcp');
    if (to !== null && this.#mayTake(to.host, datagram.length)) this.#options.rtcp.send(datagram, to.port, to.host);
  }
}
