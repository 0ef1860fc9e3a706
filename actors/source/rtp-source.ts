/** The source `--source rtp:PORT`: RTP that any program of this machine sends, published as ours. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { endpointText, LOOPBACK_HOST } from '../../infra/path/addresses.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { bindError, PathError } from '../../infra/path/errors.ts';
import { hasWholeHeader, isRtcp, RTP_HEADER_BYTES, readSsrc, readVersion } from '../../infra/rtp/header.ts';
import { freshCname } from '../../infra/rtp/source-description.ts';
import { StreamSplicer } from '../../infra/rtp/splicer.ts';
import type { StreamFormat } from '../options/contract.ts';
import type { RejectReason, SendPacket, Source, SourceAnswer, SourceCounters, SourceNews } from './contract.ts';
import { ProgramRtcp, type ProgramRtcpOptions } from './program-rtcp.ts';

const IPV6_LOOPBACK_HOST = '::1';
const RTP_VERSION = 2;
/** Larger ones do not fit into an Ethernet frame (1500 bytes with IPv4 and UDP header) and would be fragmented. */
export const MAX_PROGRAM_PACKET_BYTES = 1472;
/** An encoder hands over a key frame at once; 4 Mbit are more than any of them. Linux grants at most rmem_max. */
const RECEIVE_BUFFER_BYTES = 512 * 1024;

export interface RtpSourceOptions {
  /** UDP port on this machine's loopback addresses; 0: any free one. */
  readonly port: number;
  readonly ssrc: number;
  readonly format: StreamFormat;
  /** Where the numbering begins; RFC 3550 section 5.1 wants both random. */
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  readonly send: SendPacket;
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
 * the program is started anew. The program's RTCP is taken here and, beside an even port, at the next one where that is free.
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
  readonly #splicer: StreamSplicer;
  readonly #rtcp: ProgramRtcp;
  readonly #rejected = { notRtp: 0, tooLong: 0, otherStream: 0 } satisfies Record<RejectReason, number>;
  #packets = 0;
  #bytes = 0;
  #closing: Promise<void> | undefined;

  constructor(options: RtpSourceOptions, sockets: readonly Socket[], rtcpSockets: readonly Socket[]) {
    const { ssrc, format, firstSequence, firstTimestamp } = options;
    const { payloadType, codec } = format;
    this.#options = options;
    this.#sockets = [...sockets, ...rtcpSockets];
    this.#splicer = new StreamSplicer({ ssrc, payloadType, clockRate: codec.clockRate, firstSequence, firstTimestamp });
    this.#rtcp = new ProgramRtcp({
      identity: { ssrc, cname: freshCname() },
      to: options.rtcpTo ?? null,
      sockets,
      offset: () => this.#splicer.offset,
      onTime: options.onTime ?? (() => undefined),
      now: options.now,
    });
    for (const socket of sockets) socket.on('message', (packet, from) => this.#take(packet, from, socket));
    for (const socket of rtcpSockets) socket.on('message', (packet, from) => this.#rtcp.take(packet, from, socket));
    // Where nobody listens for what we ask.
    for (const socket of this.#sockets) socket.on('error', () => undefined);
  }

  setRate(): void {
    // What a program sends is its own affair; whoever feeds it reads the rate in the log and in the table.
  }

  requestKeyFrame(): SourceAnswer {
    return this.#rtcp.requestKeyFrame();
  }

  counters(): SourceCounters {
    return { packets: this.#packets, bytes: this.#bytes, rejected: { ...this.#rejected } };
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#sockets.map(closeSocket)).then(() => undefined);
    return this.#closing;
  }

  #take(packet: Buffer, from: RemoteInfo, socket: Socket): void {
    if (packet.length > 1 && readVersion(packet) === RTP_VERSION && isRtcp(packet)) {
      this.#rtcp.take(packet, from, socket);
      return;
    }
    const reason = faultOf(packet);
    if (reason !== undefined) {
      this.#reject(reason, from);
      return;
    }
    const theirSsrc = readSsrc(packet);
    const splice = this.#splicer.splice(packet, this.#options.now());
    if (splice === 'other') {
      this.#reject('otherStream', from);
      return;
    }
    if (splice === 'began') {
      this.#options.onNews({ type: 'source.started', from: senderText(from), ssrc: theirSsrc });
    }
    this.#packets++;
    this.#bytes += packet.length;
    this.#options.send(packet);
    if (splice === 'began') this.#rtcp.began();
  }

  #reject(reason: RejectReason, from: RemoteInfo): void {
    this.#rejected[reason]++;
    this.#options.onNews({ type: 'source.rejected', from: senderText(from), reason });
  }
}

function faultOf(packet: Buffer): RejectReason | undefined {
  if (packet.length < RTP_HEADER_BYTES || readVersion(packet) !== RTP_VERSION) return 'notRtp';
  if (!hasWholeHeader(packet, packet.length)) return 'notRtp';
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
