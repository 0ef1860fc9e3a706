/** What the packet path's tests stand on: plain sockets as other peers, and RTP packets made by hand. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint, PacketPath, PathRoute } from '../../infra/path/contract.ts';
import { type OpenPathOptions, openPath } from '../../infra/path/open.ts';

export const LOOPBACK = '127.0.0.1';

/** The paths that every test of behaviour runs over. */
export const KINDS: readonly PacketPath['kind'][] = ['dgram', 'batched'];

export const EVERY_SLICE = 0xffff;

/** A route of whole packets to `receivers`, for video and without a limit unless `changes` says otherwise. */
export function routeOf(
  ssrc: number,
  upstream: Endpoint | null,
  receivers: readonly Endpoint[],
  changes: Partial<PathRoute> = {},
): PathRoute {
  const legs = receivers.map((to) => ({ to, slices: EVERY_SLICE }));
  return { ssrc, upstream: upstream === null ? null : [upstream], legs, limitBps: null, media: 'video', ...changes };
}

export interface RtpFields {
  readonly ssrc: number;
  readonly sequence: number;
  readonly payload?: number;
  readonly version?: number;
}

/** An RTP packet: fixed header, then `payload` bytes that repeat the sequence number's low byte. */
export function rtpPacket({ ssrc, sequence, payload = 20, version = 2 }: RtpFields): Buffer {
  const packet = Buffer.alloc(12 + payload, sequence & 0xff);
  packet.writeUInt8(version << 6, 0);
  packet.writeUInt8(96, 1);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(sequence * 90, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** A receiver report with no blocks (RFC 3550 section 6.4.2). */
export function rtcpPacket(ssrc: number): Buffer {
  const packet = Buffer.alloc(8);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(201, 1);
  packet.writeUInt16BE(1, 2);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}

/** A STUN message (RFC 8489 section 5) with `attributes` bytes behind its header, of which the last says its `number`. */
export function stunMessage(number = 0, attributes = 4): Buffer {
  const message = Buffer.alloc(20 + attributes);
  message.writeUInt16BE(1, 0);
  message.writeUInt16BE(attributes, 2);
  message.writeUInt32BE(0x2112_a442, 4);
  message.writeUInt32BE(number, message.length - 4);
  return message;
}

export interface Delivered {
  readonly packet: Buffer;
  readonly ssrc: number;
  readonly extendedSequence: number;
  readonly from: Endpoint;
}

interface Handed {
  readonly packet: Buffer;
  readonly from: Endpoint;
}

interface HandedStun extends Handed {
  readonly local: string | null;
}

/** A packet path under test, with everything it handed out. */
export class PathUnderTest implements AsyncDisposable {
  readonly path: PacketPath;
  readonly delivered: Delivered[];
  readonly rtcp: Handed[];
  readonly stun: HandedStun[];

  private constructor(path: PacketPath, { delivered, rtcp, stun }: Pick<PathUnderTest, 'delivered' | 'rtcp' | 'stun'>) {
    this.path = path;
    this.delivered = delivered;
    this.rtcp = rtcp;
    this.stun = stun;
  }

  static async open(
    kind: PacketPath['kind'] | undefined,
    host = LOOPBACK,
    changes: Partial<OpenPathOptions> = {},
  ): Promise<PathUnderTest> {
    const delivered: Delivered[] = [];
    const rtcp: Handed[] = [];
    const stun: HandedStun[] = [];
    const path = await openPath({
      ...(kind === undefined ? {} : { kind }),
      listen: { host, port: 0 },
      deliver: (packet, ssrc, extendedSequence, from) =>
        delivered.push({ packet: Buffer.from(packet), ssrc, extendedSequence, from }),
      onRtcp: (packet, from) => rtcp.push({ packet: Buffer.from(packet), from }),
      onStun: (packet, from, local) => stun.push({ packet: Buffer.from(packet), from, local }),
      now: () => performance.now(),
      ...changes,
    });
    return new PathUnderTest(path, { delivered, rtcp, stun });
  }

  /** Resolves once the path has read `packets` datagrams in all. */
  async received(packets: number): Promise<void> {
    await until(() => this.path.counters().receivedPackets >= packets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.path.close();
  }
}

/** Another peer, as a plain socket. */
export class PlainPeer implements AsyncDisposable {
  readonly address: Endpoint;
  readonly received: { packet: Buffer; from: RemoteInfo }[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.address = { host: address, port };
    socket.on('message', (packet, from) => this.received.push({ packet, from }));
  }

  static async open(host = LOOPBACK): Promise<PlainPeer> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    return new PlainPeer(socket);
  }

  /** Resolves when the kernel has taken all of `packets`, which are sent in this order. */
  async send(to: Endpoint, ...packets: Uint8Array[]): Promise<void> {
    for (const packet of packets) {
      await new Promise<void>((resolve, reject) => {
        this.#socket.send(packet, to.port, to.host, (error) => (error ? reject(error) : resolve()));
      });
    }
  }

  /** The first `count` datagrams. */
  async take(count: number): Promise<Buffer[]> {
    await until(() => this.received.length >= count);
    return this.received.slice(0, count).map(({ packet }) => packet);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** Waits, one turn of the event loop at a time, for something that must happen; the test's own timeout ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
