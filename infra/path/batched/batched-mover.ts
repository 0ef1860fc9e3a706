/**
 * Moves packets with recvmmsg and sendmmsg in a thread of its own (Linux). The main thread sends what is ours through
 * the same socket, and is handed what is for it.
 */

import { CounterBlock } from '../counters.ts';
import { ACTION } from '../decision/decision.ts';
import type { PathError } from '../errors.ts';
import { PacketLog } from '../kept/packet-log.ts';
import type { Mover, MoverContext, Target } from '../mover.ts';
import { isAnyHost, isIpv6Host } from '../table/addresses.ts';
import type { StreamEntry, TableChange } from '../table/table.ts';
import { allocateRing, RingReader } from './hand-over-ring.ts';
import { F_SETFL, type Libc, SHUT_RD } from './libc.ts';
import { OwnSender } from './own-sender.ts';
import { SendRoom } from './send-room.ts';
import { duplicateSocket, loadLibcHere } from './shared-socket.ts';
import { monotonicMs } from './thread-contract.ts';
import { ForwardingThread } from './thread-handle.ts';

export interface BatchedOptions {
  readonly context: MoverContext;
  /** SO_SNDBUF of the socket. */
  readonly sendBufferBytes: number;
  /** The thread has ended by itself. The mover can still send; somebody else must receive. */
  readonly onStopped: (error: PathError) => void;
  /** The thread's file, for tests that need one that fails. */
  readonly entry?: URL | undefined;
}

export class BatchedMover implements Mover {
  readonly kind = 'batched';
  /** Of the path's socket; a duplicate, and this mover's own. */
  readonly #descriptor: number;
  readonly #context: MoverContext;
  readonly #libc: Libc;
  readonly #thread: ForwardingThread;
  readonly #sender: OwnSender;
  readonly #ring: RingReader;
  #closing: Promise<void> | undefined;

  private constructor(parts: {
    context: MoverContext;
    libc: Libc;
    descriptor: number;
    thread: ForwardingThread;
    ring: RingReader;
    sendBufferBytes: number;
  }) {
    const { context, libc, descriptor } = parts;
    this.#context = context;
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#thread = parts.thread;
    this.#ring = parts.ring;
    const room = new SendRoom(libc, descriptor, parts.sendBufferBytes);
    const { counters } = context;
    const sending = { libc, descriptor, room, counters, forwarding: false, segmentation: true };
    this.#sender = new OwnSender(sending, isIpv6Host(context.bound.host));
  }

  /**
   * Gets everything ready on the socket that is bound to the context's address, without reading from it yet. Its table
   * is empty until it is told of the whole one.
   *
   * @returns the mover, and the counters and the log that its thread writes
   * @throws {PathError} `batched.unavailable`
   */
  static async prepare(
    options: BatchedOptions,
  ): Promise<{ mover: BatchedMover; counters: CounterBlock; log: PacketLog }> {
    const { context, sendBufferBytes, onStopped, entry } = options;
    const libc = loadLibcHere();
    const descriptor = duplicateSocket(libc, context.bound);
    const counters = new CounterBlock();
    const log = new PacketLog();
    const ringMemory = allocateRing();
    const ring = new RingReader(ringMemory);
    const given = {
      descriptor,
      ipv6: isIpv6Host(context.bound.host),
      anyAddress: isAnyHost(context.bound.host),
      sendBufferBytes,
      counters: counters.memory,
      ring: ringMemory,
      log: log.memory,
      pace: context.pace.memory,
      clockOffsetMs: context.now() - monotonicMs(),
    };
    const events = {
      onWake: () => handOut(ring, context),
      onStopped,
      // On a socket without a peer this reports ENOTCONN, and ends receive calls all the same.
      interrupt: () => libc.shutdown(descriptor, SHUT_RD),
    };
    try {
      const thread = await ForwardingThread.start(given, events, entry);
      return { mover: new BatchedMover({ context, libc, descriptor, thread, ring, sendBufferBytes }), counters, log };
    } catch (error) {
      libc.close(descriptor);
      throw error;
    }
  }

  /** Begins to receive. Nobody else may read from the socket any more. */
  go(): void {
    // Node's sockets never wait. The thread has nothing else to do, and a time limit would cost it a timer for each call.
    this.#libc.fcntl(this.#descriptor, F_SETFL, 0);
    this.#thread.go();
  }

  tableChanged(change: TableChange): void {
    this.#sender.follow(change);
    this.#thread.changeTable(change);
  }

  sendAlong(packet: Uint8Array, stream: StreamEntry): boolean {
    return this.#sender.sendAlong(packet, stream);
  }

  sendEach(datagrams: Iterable<Uint8Array>, to: Target, urgent: boolean): number {
    return this.#sender.sendEach(datagrams, to, urgent);
  }

  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  /** After the thread has died: hands out what it left in the ring. The descriptor is the caller's from now on. */
  abandon(): number {
    handOut(this.#ring, this.#context);
    return this.#descriptor;
  }

  async #stop(): Promise<void> {
    await this.#thread.stop();
    this.#libc.close(this.#descriptor);
  }
}

function handOut(ring: RingReader, { deliver, onRtcp, onStun }: MoverContext): void {
  ring.drain((packet, head, from, local) => {
    if (head.action === ACTION.RTCP) onRtcp(packet, from);
    else if (head.action === ACTION.STUN) onStun(packet, from, local);
    else deliver(packet, head.ssrc, head.extendedSequence, from);
  });
}
