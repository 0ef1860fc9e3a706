/** The packet path on Node's own UDP sockets: runs everywhere. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIpv6Host, normalizeEndpoint } from './addresses.ts';
import type { Endpoint, PacketPath, PathCounters, PathOptions, PathTable, SsrcCounters } from './contract.ts';
import { CounterBlock, DROP, totalCounters } from './counters.ts';
import { ACTION, decide, decideOwn, Verdict } from './decision.ts';
import { bindError } from './errors.ts';
import { readKernelDrops } from './kernel-drops.ts';
import { PathState } from './state.ts';

/**
 * Asked of the kernel for both directions, in bytes: 0.3 s at 100 Mbit/s, so that a pause of the event loop loses
 * nothing. Linux grants at most net.core.rmem_max and wmem_max.
 */
export const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Once the kernel's send buffer is full, datagrams wait inside Node. Video never waits there; audio waits up to this
 * many bytes, about a second of ten voices, before it is dropped too.
 */
const MOST_QUEUED_AUDIO_BYTES = 128 * 1024;

/**
 * Opens a UDP socket and starts to move packets.
 *
 * @throws {PathError} `port.in-use`, `port.forbidden`, `address.unavailable`, `address.invalid`, `socket.failed`
 */
export async function openDgramPath(options: PathOptions): Promise<PacketPath> {
  const ipv6 = isIpv6Host(options.listen.host);
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    // Addresses are numeric: without this, each send would go through a thread of the name resolver's pool.
    lookup: (host, _options, found) => found(null, host, ipv6 ? 6 : 4),
  });
  await bindSocket(socket, options.listen);
  return new DgramPath(socket, options, ipv6);
}

type SendCallback = (error: Error | null, bytes: number) => void;

class DgramPath implements PacketPath {
  readonly kind = 'dgram';
  readonly bound: Endpoint;
  readonly #socket: Socket;
  readonly #options: PathOptions;
  readonly #ipv6: boolean;
  readonly #state = new PathState();
  readonly #counters = new CounterBlock();
  readonly #verdict = new Verdict();
  /** Made once: a closure for each datagram would be an allocation for each. */
  readonly #whenSent: SendCallback = (error, bytes) => {
    if (error !== null) this.#counters.drop(DROP.unreachable);
    else this.#counters.sent(1, bytes);
  };
  readonly #whenForwarded: SendCallback = (error, bytes) => {
    this.#whenSent(error, bytes);
    if (error === null) this.#counters.forwarded(1);
  };
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, options: PathOptions, ipv6: boolean) {
    const { address: host, port } = socket.address();
    this.bound = { host, port };
    this.#socket = socket;
    this.#options = options;
    this.#ipv6 = ipv6;
    socket.on('message', (packet, from) => this.#receive(packet, from));
    // An ICMP error says that one receiver is gone; all others still want their packets.
    socket.on('error', () => this.#counters.drop(DROP.unreachable));
  }

  setTable(table: PathTable): void {
    this.#state.setTable(table);
  }

  send(packet: Uint8Array): void {
    const nowMs = this.#options.now();
    const { compiled, own } = this.#state;
    const verdict = this.#verdict;
    if (decideOwn(compiled, this.#counters, verdict, packet, packet.length) === 0 || verdict.stream === null) return;
    own.record(verdict.stream.ssrc, packet, nowMs);
    // The socket reads the bytes when the kernel has room, which may be after the caller has changed them.
    this.#sendAlong(Buffer.from(packet), this.#whenSent);
  }

  sendTo(datagram: Uint8Array, to: Endpoint): void {
    const { host, port } = normalizeEndpoint(to);
    this.#sendOne(Buffer.from(datagram), host, port, true, this.#whenSent);
  }

  resend(ssrc: number, afterSequence: number, slices: number, to: readonly Endpoint[]): number {
    const receivers = to.map(normalizeEndpoint);
    let sent = 0;
    for (const packet of this.#state.own.storedAfter(ssrc, afterSequence, slices, this.#options.now())) {
      const copy = Buffer.from(packet);
      for (const { host, port } of receivers) if (this.#sendOne(copy, host, port, false, this.#whenSent)) sent++;
    }
    return sent;
  }

  stored(ssrc: number, sequence: number): Uint8Array | undefined {
    return this.#state.own.stored(ssrc, sequence, this.#options.now());
  }

  counters(): PathCounters {
    return totalCounters([this.#counters], readKernelDrops(this.bound));
  }

  ssrcCounters(ssrc: number): SsrcCounters | undefined {
    return this.#state.ssrcCounters(ssrc);
  }

  sentSequence(ssrc: number): number | undefined {
    return this.#state.own.newest(ssrc);
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#socket.close(resolve));
    return this.#closing;
  }

  #receive(packet: Buffer, from: RemoteInfo): void {
    const { addresses } = this.#state.compiled;
    const sender = addresses.find(from.address, from.port);
    const verdict = this.#verdict;
    const nowMs = this.#options.now();
    const action = decide(this.#state.compiled, this.#counters, verdict, packet, packet.length, sender, nowMs);
    if (action === ACTION.RTCP) {
      this.#options.onRtcp(packet, senderEndpoint(from));
      return;
    }
    if ((action & ACTION.FORWARD) !== 0) this.#sendAlong(packet, this.#whenForwarded);
    if ((action & ACTION.DELIVER) !== 0 && verdict.stream !== null) {
      this.#options.deliver(packet, verdict.stream.ssrc, verdict.extendedSequence, addresses.endpoint(sender));
    }
  }

  #sendAlong(packet: Buffer, sent: SendCallback): void {
    const { destinations, stream } = this.#verdict;
    const audio = stream?.audio ?? false;
    const { addresses } = this.#state.compiled;
    for (let index = 0; index < destinations.length; index++) {
      const { host, port } = addresses.endpoint(destinations[index] ?? 0);
      this.#sendOne(packet, host, port, audio, sent);
    }
  }

  /** Returns false if there was no room for it. */
  #sendOne(packet: Buffer, host: string, port: number, audio: boolean, sent: SendCallback): boolean {
    const queued = this.#socket.getSendQueueSize();
    if (queued > 0 && (!audio || queued > MOST_QUEUED_AUDIO_BYTES)) {
      this.#counters.drop(DROP.sendBufferFull);
      return false;
    }
    const address = this.#ipv6 && !host.includes(':') ? `::ffff:${host}` : host;
    this.#socket.send(packet, port, address, sent);
    return true;
  }
}

function senderEndpoint({ address, port }: RemoteInfo): Endpoint {
  return address.startsWith('::ffff:') ? normalizeEndpoint({ host: address, port }) : { host: address, port };
}

function bindSocket(socket: Socket, listen: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(bindError(error.code ?? error.message, listen, error));
    });
    socket.bind({ address: listen.host, port: listen.port }, () => {
      socket.removeAllListeners('error');
      socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
      socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
      resolve();
    });
  });
}
