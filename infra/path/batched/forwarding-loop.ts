/** The forwarding thread's work: receive a batch, decide on each datagram, send, hand over, again. */
// Imported, since the global of this name is looked up at each use.
import { performance } from 'node:perf_hooks';
import { receiveMessageOnPort } from 'node:worker_threads';
import { looksLikeChannelData } from '../channel-data.ts';
import { CounterBlock, DROP } from '../counters.ts';
import { ACTION, decide, destinationsOf, Verdict } from '../decision/decision.ts';
import { Reporters } from '../decision/reporters.ts';
import { PacketLog } from '../kept/packet-log.ts';
import { Pace } from '../pace/pace.ts';
import { applyChange, type StreamEntry, type TableChange } from '../table/table.ts';
import { type RingHead, RingWriter } from './hand-over-ring.ts';
import { ERRNO, type Libc } from './libc.ts';
import { PacedSender } from './paced-sender.ts';
import { askForPacketInfo } from './packet-info.ts';
import { ReceiveBatch } from './receive-batch.ts';
import { ReceiverQueues } from './receiver-queues.ts';
import { SendBatch } from './send-batch.ts';
import { SendRoom } from './send-room.ts';
import { ADDRESS_WORDS, NativeAddresses, writeAddress } from './socket-address.ts';
import { CONTROL, monotonicMs, type ThreadStart } from './thread-contract.ts';

/** Of a receive call: our mistake, which the next call would meet again. Others are one datagram's, or a timeout. */
const FATAL_ERRORS: ReadonlySet<number> = new Set([ERRNO.EBADF, ERRNO.EFAULT, ERRNO.EINVAL, ERRNO.ENOTSOCK]);

export class ForwardingLoop {
  readonly #libc: Libc;
  readonly #start: ThreadStart;
  readonly #control: Int32Array;
  readonly #counters: CounterBlock;
  readonly #ring: RingWriter;
  readonly #log: PacketLog;
  readonly #received: ReceiveBatch;
  readonly #queues: ReceiverQueues;
  readonly #paced: PacedSender;
  readonly #sending: SendBatch;
  readonly #verdict = new Verdict();
  readonly #head: RingHead = { action: 0, ssrc: 0, extendedSequence: 0 };
  /** Which of our addresses a datagram came to: its family, and what is copied behind that. */
  readonly #local: Int32Array;
  /** From this thread's `performance.now` to the path's clock, in ms. */
  readonly #clockOffsetMs: number;
  /** Arrivals have been wanted: the kernel has been asked when datagrams come. */
  #hasAskedTimes = false;
  #generation = 0;
  readonly #table = { streams: new Map<number, StreamEntry>(), reporters: new Reporters() };
  #addresses: NativeAddresses;

  /** @param segmentation whether the kernel has UDP GSO; `wake` must make the main thread look into the ring */
  constructor(libc: Libc, start: ThreadStart, segmentation: boolean, wake: () => void) {
    this.#libc = libc;
    this.#start = start;
    this.#control = new Int32Array(start.control);
    this.#counters = new CounterBlock(start.counters);
    this.#ring = new RingWriter(start.ring, wake);
    this.#log = new PacketLog(start.log);
    this.#received = new ReceiveBatch(libc);
    if (start.anyAddress && askForPacketInfo(libc, start.descriptor, start.ipv6)) this.#received.askLocal();
    this.#clockOffsetMs = start.clockOffsetMs + monotonicMs() - performance.now();
    this.#addresses = new NativeAddresses([], start.ipv6);
    this.#local = new Int32Array(ADDRESS_WORDS);
    writeAddress(this.#local.buffer, 0, { host: start.ipv6 ? '::' : '0.0.0.0', port: 0 }, start.ipv6);
    const room = new SendRoom(libc, start.descriptor, start.sendBufferBytes);
    const sending = {
      libc,
      descriptor: start.descriptor,
      room,
      counters: this.#counters,
      forwarding: true,
      segmentation,
    };
    this.#sending = new SendBatch(sending, this.#addresses);
    this.#queues = new ReceiverQueues(this.#received, this.#sending);
    this.#paced = new PacedSender(new Pace(start.pace), this.#counters, this.#log, this.#sending);
  }

  /**
   * Returns when it is told to stop.
   *
   * @throws {Error} when the socket cannot be received from any more
   */
  run(): void {
    for (;;) {
      const { descriptor } = this.#start;
      const count = this.#paced.isHolding
        ? this.#received.receiveWithin(descriptor, this.#paced.waitMs(this.#nowMs()))
        : this.#received.receive(descriptor);
      if (Atomics.load(this.#control, CONTROL.STOP) === 1) return;
      // After receiving, not before: a table that was set while we waited holds for the packet that ended the wait.
      const generation = Atomics.load(this.#control, CONTROL.GENERATION);
      if (generation !== this.#generation) this.#takeChanges(generation);
      if (count > 0) this.#handle(count);
      else if (count < 0 && FATAL_ERRORS.has(this.#libc.errno()))
        throw new Error(`recvmmsg failed: errno ${this.#libc.errno()}`);
      if (this.#paced.isHolding) this.#paced.release(this.#table.streams, this.#nowMs());
    }
  }

  #handle(count: number): void {
    const nowMs = this.#log.wantsArrivals ? this.#readTimes() : this.#nowMs();
    for (let slot = 0; slot < count; slot++) this.#decide(slot, nowMs, count === 1);
    this.#queues.sendAll();
    this.#ring.announce();
  }

  #readTimes(): number {
    if (!this.#hasAskedTimes) this.#received.askTimes(this.#start.descriptor);
    this.#hasAskedTimes = true;
    return this.#received.readTimes(() => this.#nowMs());
  }

  #nowMs(): number {
    return performance.now() + this.#clockOffsetMs;
  }

  #decide(slot: number, nowMs: number, only: boolean): void {
    const batch = this.#received;
    const packet = batch.packets[slot];
    if (packet === undefined) return;
    if (looksLikeChannelData(packet)) batch.unwrap(slot);
    const length = batch.length(slot);
    const sender = this.#addresses.find(batch.addressWords, batch.addressAt(slot));
    const verdict = this.#verdict;
    const action = decide(this.#table, this.#counters, verdict, packet, length, sender, nowMs);
    this.#log.arrived(this.#table.reporters, sender, packet, length, nowMs, batch.arrivedAtMs(slot));
    if (action === 0) return;
    const { stream } = verdict;
    if ((action & ACTION.FORWARD) !== 0 && stream !== null) {
      const receivers = destinationsOf(stream, packet);
      if (this.#paced.isFree(stream, packet, length, receivers, nowMs)) {
        if (only) this.#queues.sendOnly(slot, receivers, stream.audio);
        else this.#queues.add(slot, receivers, stream.audio);
      }
    }
    const handed = action & ~ACTION.FORWARD;
    if (handed !== 0) this.#handOver(slot, packet, length, handed);
  }

  #handOver(slot: number, packet: Uint8Array, length: number, action: number): void {
    const head = this.#head;
    const isMedia = action === ACTION.DELIVER;
    head.action = action;
    head.ssrc = isMedia ? (this.#verdict.stream?.ssrc ?? 0) : 0;
    head.extendedSequence = isMedia ? this.#verdict.extendedSequence : 0;
    const batch = this.#received;
    const local = action === ACTION.STUN && batch.copyLocal(slot, this.#local, this.#start.ipv6) ? this.#local : null;
    const written = this.#ring.write(packet, length, batch.addressWords, batch.addressAt(slot), head, local);
    if (!written) this.#counters.drop(DROP.sinkBehind);
  }

  /** Makes the table what the main thread has made it: by each change, in order. */
  #takeChanges(generation: number): void {
    this.#generation = generation;
    for (;;) {
      const waiting: { message: TableChange } | undefined = receiveMessageOnPort(this.#start.tables);
      if (waiting === undefined) return;
      applyChange(this.#table.streams, waiting.message);
      const { anew, book, reporters } = waiting.message;
      this.#log.useBook(book);
      if (reporters !== null) this.#table.reporters.replace(reporters, anew);
      this.#addresses = this.#addresses.after(waiting.message);
      this.#sending.use(this.#addresses);
      this.#queues.use(this.#addresses.count);
      this.#paced.use(this.#addresses.count);
    }
  }
}
