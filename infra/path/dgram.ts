/** Moves packets through Node's own UDP sockets: runs everywhere. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import {
  CHANNEL_HEADER_BYTES,
  inChannel,
  looksLikeChannelData,
  readChannel,
  readChannelLength,
} from './channel-data.ts';
import type { Endpoint } from './contract.ts';
import { DROP } from './counters.ts';
import { ACTION, decide, destinationsOf, MAX_DATAGRAM_BYTES, Verdict } from './decision/decision.ts';
import { bindError } from './errors.ts';
import type { Mover, MoverContext } from './mover.ts';
import { isIpv6Host } from './table/addresses.ts';
import type { StreamEntry } from './table/table.ts';

/**
 * Asked of the kernel for receiving, in bytes: 0.3 s at 100 Mbit/s, so that a pause of the event loop loses nothing.
 * Linux grants at most net.core.rmem_max. The send buffer stays as it is: a larger one only delays.
 */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Once the kernel's send buffer is full, datagrams wait inside Node. Video never waits there, but with the pacer; audio waits up to
 * this many bytes, about a second of ten voices, before it is dropped.
 */
const MOST_QUEUED_AUDIO_BYTES = 128 * 1024;

/**
 * Node tells what became of a send by a callback of the next tick, a twentieth of what the send costs. Unless one has failed lately
 * only this share of them is asked about, and the others count as sent: a receiver that becomes unreachable is noticed some packets
 * later.
 */
const ASKED_SHARE = 1 / 16;
/** The golden ratio: whoever steps by it around a circle comes by everywhere, also if only every fourth step counts. */
const STEP = (Math.sqrt(5) - 1) / 2;
/** At first, and after a failure, so many sends are all asked about: some seconds of traffic. */
const WATCHED_SENDS = 1000;

type SendCallback = (error: Error | null, bytes: number) => void;

/**
 * A bound UDP socket.
 *
 * @param at an address, or the descriptor of a socket that is bound already
 * @throws {PathError} `port.in-use`, `port.forbidden`, `address.unavailable`, `address.invalid`, `socket.failed`
 */
export async function openSocket(listen: Endpoint, at: { descriptor: number } | null = null): Promise<Socket> {
  const ipv6 = isIpv6Host(listen.host);
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    // Addresses are numeric: without this, each send would go through a thread of the name resolver's pool.
    lookup: (host, _options, found) => found(null, host, ipv6 ? 6 : 4),
  });
  const how = at === null ? { address: listen.host, port: listen.port } : { fd: at.descriptor, exclusive: true };
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(bindError(error.code ?? error.message, listen, error));
    });
    socket.bind(how, () => {
      socket.removeAllListeners('error');
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
      resolve(socket);
    });
  });
}

export class DgramMover implements Mover {
  readonly kind = 'dgram';
  readonly #socket: Socket;
  readonly #context: MoverContext;
  readonly #ipv6: boolean;
  readonly #verdict = new Verdict();
  /** Made once: a closure for each datagram would be an allocation for each. */
  readonly #whenSent: SendCallback = (error, bytes) => {
    if (error === null) this.#context.counters.sent(1, bytes);
    else {
      this.#context.counters.drop(DROP.unreachable);
      this.#watched = WATCHED_SENDS;
    }
  };
  readonly #whenForwarded: SendCallback = (error, bytes) => {
    this.#whenSent(error, bytes);
    if (error === null) this.#context.counters.forwarded(1);
  };
  /** How many sends are all asked about from here on. */
  #watched = WATCHED_SENDS;
  /** 0..1: where on the circle the next one is. */
  #turn = 0;
  #closing: Promise<void> | undefined;

  /** @param socket from {@link openSocket}; it is this mover's from now on */
  constructor(socket: Socket, context: MoverContext) {
    this.#socket = socket;
    this.#context = context;
    this.#ipv6 = isIpv6Host(context.bound.host);
    socket.on('message', (packet, from) => this.#receive(packet, from));
    // An ICMP error says that one receiver is gone; all others still want their packets.
    socket.on('error', () => context.counters.drop(DROP.unreachable));
  }

  /** SO_SNDBUF, as the kernel counts it. */
  get sendBufferBytes(): number {
    return this.#socket.getSendBufferSize();
  }

  tableChanged(): void {
    // Each packet reads the table that is in force when it comes.
  }

  sendAlong(packet: Uint8Array, stream: StreamEntry, forwarded: boolean): boolean {
    if (this.#isFull(stream.audio)) return false;
    const { addresses } = this.#context.state.compiled;
    const destinations = destinationsOf(stream, packet);
    const sent = forwarded ? this.#whenForwarded : this.#whenSent;
    // The socket reads the bytes when the kernel has room, which may be after the caller has changed them.
    const bytes = forwarded ? packet : Buffer.from(packet);
    for (let index = 0; index < destinations.length; index++) {
      const address = destinations[index] ?? 0;
      const to = addresses.endpoint(address);
      this.#sendOne(bytes, to, sent);
      this.#context.counters.sentTo(address, datagramBytes(packet.length, to.channel));
    }
    return true;
  }

  sendEach(datagrams: Iterable<Uint8Array>, to: Endpoint, urgent: boolean): number {
    let sent = 0;
    for (const datagram of datagrams) {
      const copy = Buffer.from(datagram);
      if (this.#isFull(urgent)) {
        this.#context.counters.drop(DROP.sendBufferFull);
        continue;
      }
      this.#sendOne(copy, to, this.#whenSent);
      sent++;
    }
    return sent;
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#socket.close(resolve));
    return this.#closing;
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    const { length } = datagram;
    const isChannelData = looksLikeChannelData(datagram) && length <= MAX_DATAGRAM_BYTES;
    const held = isChannelData ? readChannelLength(datagram, length) : -1;
    if (held < 0) this.#take(datagram, from);
    else {
      const payload = datagram.subarray(CHANNEL_HEADER_BYTES, CHANNEL_HEADER_BYTES + held);
      this.#take(payload, from, readChannel(datagram));
    }
  }

  #take(packet: Buffer, from: RemoteInfo, channel?: number): void {
    const { state, counters, log, deliver, forward, onRtcp, onStun, now } = this.#context;
    const { addresses, reporters } = state.compiled;
    const nowMs = now();
    const sender = addresses.find(from.address, from.port, channel);
    const verdict = this.#verdict;
    const action = decide(state.compiled, counters, verdict, packet, packet.length, sender, nowMs);
    log.arrived(reporters, sender, packet, packet.length, nowMs);
    if (action === ACTION.RTCP) {
      onRtcp(packet, addresses.endpoint(sender));
      return;
    }
    if (action === ACTION.STUN) {
      const { address: host, port } = from;
      onStun(packet, channel === undefined ? { host, port } : { host, port, channel }, null);
      return;
    }
    const { stream } = verdict;
    if (action === 0 || stream === null) return;
    if ((action & ACTION.FORWARD) !== 0) forward(packet, stream);
    if ((action & ACTION.DELIVER) !== 0) {
      deliver(packet, stream.ssrc, verdict.extendedSequence, addresses.endpoint(sender));
    }
  }

  /** Whether there is no room for a packet, which goes to all its receivers or to none. */
  #isFull(urgent: boolean): boolean {
    const queued = this.#socket.getSendQueueSize();
    return queued > 0 && !(urgent && queued <= MOST_QUEUED_AUDIO_BYTES);
  }

  #sendOne(payload: Uint8Array, { host, port, channel }: Endpoint, sent: SendCallback): void {
    const packet = channel === undefined ? payload : inChannel(payload, channel);
    const address = this.#ipv6 && !host.includes(':') ? `::ffff:${host}` : host;
    if (this.#isAskedAbout()) this.#socket.send(packet, port, address, sent);
    else {
      this.#socket.send(packet, port, address);
      sent(null, packet.length);
    }
  }

  #isAskedAbout(): boolean {
    if (this.#watched > 0) {
      this.#watched--;
      return true;
    }
    this.#turn = (this.#turn + STEP) % 1;
    return this.#turn < ASKED_SHARE;
  }
}

/** What leaves for a packet of so many bytes. */
function datagramBytes(length: number, channel: number | undefined): number {
  return channel === undefined ? length : CHANNEL_HEADER_BYTES + length;
}
