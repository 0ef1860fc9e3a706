/** The source `--source rtp:PORT`: RTP that any program of this machine sends, published as ours. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Endpoint } from '../../infra/path/contract.ts';
import { bindError, PathError } from '../../infra/path/errors.ts';
import { endpointText, LOOPBACK_HOST } from '../../infra/path/table/addresses.ts';
import { freshCname } from '../../infra/rtcp/source-description.ts';
import {
  isRtcp,
  RTCP_MIN_BYTES,
  RTP_HEADER_BYTES,
  readPayloadType,
  readSsrc,
  readVersion,
} from '../../infra/rtp/header.ts';
import { payloadOf } from '../../infra/rtp/payload.ts';
import {
  NOTHING_REJECTED,
  type RejectFault,
  type RejectReason,
  type Source,
  type SourceAnswer,
  type SourceCounters,
  type SourceNews,
} from './contract.ts';
import { MismatchWatch } from './mismatch-watch.ts';
import { OverrunWatch } from './overrun.ts';
import { isComfortNoise } from './payload-rule.ts';
import { ProgramRtcp, type ProgramRtcpOptions } from './program-rtcp.ts';
import { ProgramStream, type ProgramStreamOptions } from './program-stream.ts';
import { RateWindow } from './rate-window.ts';
import { RealRate } from './real-rate.ts';

const IPV6_LOOPBACK_HOST = '::1';
const RTP_VERSION = 2;
/** Larger ones do not fit into an Ethernet frame (1500 bytes with IPv4 and UDP header) and would be fragmented. */
export const MAX_PROGRAM_PACKET_BYTES = 1472;
/** An encoder hands over a key frame at once; 4 Mbit are more than any of them. Linux grants at most rmem_max. */
const RECEIVE_BUFFER_BYTES = 512 * 1024;
/** How often the rate is looked at, in ms: as often as its window slides. */
const CHECK_MS = 100;

export interface RtpSourceOptions extends ProgramStreamOptions {
  /** UDP port on this machine's loopback addresses; 0: any free one. */
  readonly port: number;
  /** What the program should send at most, in bit/s, until {@link Source.setRate} says less. */
  readonly maxBps: number;
  readonly onNews: (news: SourceNews) => void;
  /** The program tells its clock; null: it is another program, or the same one anew. */
  readonly onTime?: ProgramRtcpOptions['onTime'];
  /** Where to ask the program for key frames; null: where its RTCP comes from. */
  readonly rtcpTo?: Endpoint | null;
  /** Whether the next port may be taken for RTCP, where this one is even. */
  readonly takesNextPort?: boolean;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/**
 * Takes RTP on 127.0.0.1 and, where the machine has it, on ::1. SSRC and payload type become ours, numbering goes on when
 * the program is started anew; what else comes is counted. The program's RTCP is taken here and, beside an even port, at the next
 * one where that is free.
 *
 * @throws {PathError} `port.in-use`, `port.forbidden`, `socket.failed`
 */
export async function openRtpSource(options: RtpSourceOptions): Promise<Source> {
  const ipv4 = await bindLoopback(LOOPBACK_HOST, options.port);
  const { port } = ipv4.address();
  try {
    const ipv6 = await bindIfPresent(IPV6_LOOPBACK_HOST, port);
    const rtcp = port % 2 === 0 && options.takesNextPort !== false ? await bindRtcp(port + 1) : [];
    options.onNews({ type: 'source.listening', port });
    return new RtpSource(options, ipv6 === undefined ? [ipv4] : [ipv4, ipv6], rtcp);
  } catch (error) {
    ipv4.close();
    throw error;
  }
}

class RtpSource implements Source {
  readonly rateBps = null;
  readonly #options: RtpSourceOptions;
  readonly #sockets: readonly Socket[];
  readonly #stream: ProgramStream;
  readonly #rtcp: ProgramRtcp;
  readonly #rejected: Record<RejectReason, number> = { ...NOTHING_REJECTED };
  readonly #otherPayloads = new Map<number, number>();
  readonly #rate = new RateWindow();
  readonly #overrun: OverrunWatch;
  readonly #real: RealRate;
  readonly #mismatch = new MismatchWatch();
  #packets = 0;
  #bytes = 0;
  #reports = 0;
  #checkedMs = 0;
  #toldUndecodable = false;
  #closing: Promise<void> | undefined;

  constructor(options: RtpSourceOptions, sockets: readonly Socket[], rtcpSockets: readonly Socket[]) {
    this.#options = options;
    this.#sockets = [...sockets, ...rtcpSockets];
    this.#stream = new ProgramStream({ ...options, send: (packet) => this.#send(packet) });
    this.#overrun = new OverrunWatch(options.maxBps);
    this.#real = new RealRate(options.maxBps);
    this.#rtcp = new ProgramRtcp({
      identity: { ssrc: options.ssrc, cname: freshCname() },
      to: options.rtcpTo ?? null,
      sockets,
      offset: () => this.#stream.offset,
      onTime: options.onTime ?? (() => undefined),
      now: options.now,
    });
    for (const socket of sockets) socket.on('message', (packet, from) => this.#receive(packet, from, socket));
    for (const socket of rtcpSockets) socket.on('message', (packet, from) => this.#takeReport(packet, from, socket));
    // Where nobody listens for what we ask.
    for (const socket of this.#sockets) socket.on('error', () => undefined);
  }

  /** What a program sends is its own affair: whoever feeds it is told where it is too much. */
  setRate(rateBps: number): void {
    this.#overrun.limit(rateBps > 0 ? rateBps : this.#real.mostBps);
  }

  requestKeyFrame(): SourceAnswer {
    return this.#rtcp.requestKeyFrame();
  }

  counters(): SourceCounters {
    return {
      ...{ packets: this.#packets, bytes: this.#bytes, reports: this.#reports },
      ...{ rejected: { ...this.#rejected }, otherPayloads: new Map(this.#otherPayloads) },
    };
  }

  measuredBps(): number {
    return this.#rate.bps(this.#options.now());
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#sockets.map(closeSocket)).then(() => undefined);
    return this.#closing;
  }

  #receive(packet: Buffer, from: RemoteInfo, socket: Socket): void {
    if (isReport(packet)) {
      this.#takeReport(packet, from, socket);
      return;
    }
    const fault = faultOf(packet);
    if (fault === undefined) this.#take(packet, from);
    else this.#reject(fault, from);
  }

  #takeReport(packet: Buffer, from: RemoteInfo, socket: Socket): void {
    this.#reports++;
    this.#rtcp.take(packet, from, socket);
  }

  #take(packet: Buffer, from: RemoteInfo): void {
    const theirSsrc = readSsrc(packet);
    const payloadType = readPayloadType(packet);
    const nowMs = this.#options.now();
    const taken = this.#stream.take(packet, nowMs);
    if (taken === 'otherPayload') this.#rejectPayload(payloadType, from, nowMs);
    else if (taken === 'otherStream') this.#reject(taken, from);
    else if (taken === 'empty' || taken === 'late') this.#rejected[taken]++;
    else {
      this.#mismatch.took();
      if (taken === 'began') this.#options.onNews({ type: 'source.started', from: senderText(from), ssrc: theirSsrc });
      if (taken !== 'continued') this.#rtcp.began();
      if (nowMs - this.#checkedMs >= CHECK_MS) this.#check(nowMs);
    }
  }

  #send(packet: Uint8Array): void {
    this.#packets++;
    this.#bytes += packet.length;
    this.#rate.add(packet.length, this.#options.now());
    this.#options.send(packet);
  }

  /** What is looked at now and then, and not with every packet. */
  #check(nowMs: number): void {
    this.#checkedMs = nowMs;
    const measuredBps = this.#rate.bps(nowMs);
    if (this.#real.observe(measuredBps, nowMs)) {
      const { mostBps } = this.#real;
      this.#options.onNews({ type: 'source.remeasured', measuredBps, mostBps, declaredBps: this.#options.maxBps });
      this.#overrun.wait();
    }
    if (this.#overrun.observe(measuredBps, nowMs)) {
      this.#options.onNews({ type: 'source.exceeded', measuredBps, limitBps: this.#overrun.limitBps });
    }
    const codec = this.#stream.undecodable;
    if (codec === undefined || this.#toldUndecodable) return;
    this.#toldUndecodable = true;
    this.#options.onNews({ type: 'source.undecodable', codec });
  }

  #reject(reason: RejectFault, from: RemoteInfo): void {
    this.#rejected[reason]++;
    this.#options.onNews({ type: 'source.rejected', from: senderText(from), reason });
  }

  #rejectPayload(payloadType: number, from: RemoteInfo, nowMs: number): void {
    this.#rejected.otherPayload++;
    this.#otherPayloads.set(payloadType, (this.#otherPayloads.get(payloadType) ?? 0) + 1);
    const told = { from: senderText(from), payloadType, declared: this.#options.format.payloadType };
    // A microphone that is muted from the start sends nothing else for a while.
    const finding = isComfortNoise(payloadType) ? 'beside' : this.#mismatch.rejected(nowMs);
    if (finding === 'beside') this.#options.onNews({ type: 'source.rejected', reason: 'otherPayload', ...told });
    else if (finding === 'instead') this.#options.onNews({ type: 'source.mismatched', ...told });
  }
}

function isReport(packet: Buffer): boolean {
  return packet.length >= RTCP_MIN_BYTES && readVersion(packet) === RTP_VERSION && isRtcp(packet);
}

function faultOf(packet: Buffer): RejectFault | undefined {
  if (packet.length < RTP_HEADER_BYTES || readVersion(packet) !== RTP_VERSION || isRtcp(packet)) return 'notRtp';
  if (payloadOf(packet) === undefined) return 'notRtp';
  return packet.length > MAX_PROGRAM_PACKET_BYTES ? 'tooLong' : undefined;
}

function senderText({ address, port }: RemoteInfo): string {
  return endpointText({ host: address, port });
}

function bindLoopback(host: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(bindError(error.code ?? error.message, { host, port }, error));
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** Some machines have IPv6 switched off. */
async function bindIfPresent(host: string, port: number): Promise<Socket | undefined> {
  try {
    return await bindLoopback(host, port);
  } catch (error) {
    if (error instanceof PathError && error.code === 'address.unavailable') return undefined;
    throw error;
  }
}

/** At what of the loopback addresses the port is free; programs that send no RTCP never miss it. */
async function bindRtcp(port: number): Promise<Socket[]> {
  const tried = await Promise.allSettled([LOOPBACK_HOST, IPV6_LOOPBACK_HOST].map((host) => bindLoopback(host, port)));
  return tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
