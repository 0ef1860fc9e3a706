/**
 * The sender and the receivers around a forwarder, in one thread that never sleeps: it sends what is due, and takes
 * what has arrived. So times are exact, and all the processor time of the forwarder's process is the forwarder's.
 */

import {
  AF_INET,
  ERRNO,
  loadLibc,
  MSG_DONTWAIT,
  NativeMemory,
  NO_POINTER,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../../infra/path/batched/libc.ts';
import { ADDRESS_BYTES, MessageBlock } from '../../../infra/path/batched/message-block.ts';
import {
  addressLength,
  NativeAddresses,
  readAddress,
  writeAddress,
} from '../../../infra/path/batched/socket-address.ts';
import { readKernelDrops } from '../../../infra/path/kernel-socket.ts';
import { LOOPBACK_HOST } from '../../../infra/path/table/addresses.ts';
import { PACKET_BYTES, type Pace, RECEIVERS, SOURCES, ssrcOf } from './loads.ts';

const libc = loadLibc();

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const BATCH = 64;
/** The header and the time of sending; the kernel cuts off the rest. */
const SEEN_BYTES = 32;
const SENT_AT = 16;
/** When nothing has come for so long after the last packet was sent, nothing will, in ms: full buffers take a while. */
const SETTLE_MS = 60;
const MOST_SAMPLES = 4_000_000;
/** SO_ATTACH_FILTER (socket(7)), and the classic BPF program `ret #0`, which takes nothing: include/uapi/linux/filter.h. */
const SO_ATTACH_FILTER = 26;
const TAKE_NOTHING = [0x06, 0];
/** Of `struct sock_fprog`: the number of instructions, and padding up to the pointer to them. */
const FILTER_PROGRAM_BYTES = 16;
/** A burst that leaves later than this after its time counts as late, in ms: as long as a frame's own burst may wait. */
const LATE_MS = 1;

export interface Passage {
  /** What the pace asked for; what was sent, where it asked for as much as can be. */
  readonly due: number;
  readonly sent: number;
  /** Of the bursts, the share that left late because something kept the sender from its work. */
  readonly lateShare: number;
  /** By all receivers together. */
  readonly arrived: number;
  /** Datagrams that were at a receiver and not taken before its buffer was full. */
  readonly overflowed: number;
  readonly elapsedMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export class Traffic {
  readonly upstreamPort: number;
  readonly receiverPorts: readonly number[];
  readonly #sender: number;
  readonly #receivers: readonly number[];
  readonly #outgoing = new NativeMemory(BATCH * PACKET_BYTES);
  readonly #outgoingView = new DataView(this.#outgoing.buffer);
  readonly #sendBlock = new MessageBlock(BATCH, BATCH);
  readonly #incoming = new NativeMemory(BATCH * SEEN_BYTES);
  readonly #incomingView = new DataView(this.#incoming.buffer);
  readonly #receiveBlock = new MessageBlock(BATCH, BATCH);
  readonly #latencies = new Float64Array(MOST_SAMPLES);
  readonly #sequences = new Uint16Array(SOURCES);
  #arrived = 0;
  #source = 0;
  #isBlind = false;

  constructor() {
    const sender = openSocket();
    const receivers = Array.from({ length: RECEIVERS }, openSocket);
    this.upstreamPort = sender.port;
    this.receiverPorts = receivers.map(({ port }) => port);
    this.#sender = sender.descriptor;
    this.#receivers = receivers.map(({ descriptor }) => descriptor);
    for (let slot = 0; slot < BATCH; slot++) {
      this.#outgoingView.setUint8(slot * PACKET_BYTES, 0x80);
      this.#outgoingView.setUint8(slot * PACKET_BYTES + 1, 96);
      this.#sendBlock.setVector(slot, this.#outgoing, slot * PACKET_BYTES, PACKET_BYTES);
      this.#receiveBlock.setVector(slot, this.#incoming, slot * SEEN_BYTES, SEEN_BYTES);
      for (const block of [this.#sendBlock, this.#receiveBlock]) {
        block.setVectors(slot, slot, 1);
        block.setSegments(slot, 0);
      }
    }
  }

  /**
   * From now on the kernel counts what arrives, and throws it away. Then the receivers take next to nothing of this thread's
   * time, and the sender is as fast as it can be; how long packets were under way is no longer known.
   *
   * @throws {Error} if the system refuses
   */
  leaveReceivingToKernel(): void {
    const instruction = new NativeMemory(8);
    new Int32Array(instruction.buffer).set(TAKE_NOTHING);
    const program = Int32Array.of(1, 0, instruction.low, instruction.high);
    for (const descriptor of this.#receivers) {
      if (libc.setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program, FILTER_PROGRAM_BYTES) !== 0)
        throw new Error(`The bench cannot filter what arrives: errno ${libc.errno()}.`);
    }
    this.#drain();
    this.#isBlind = true;
  }

  /**
   * Sends to the forwarder at `port` for `ms`, at `pace`, and waits for what comes back.
   *
   * @throws {Error} if the system refuses to send
   */
  run(port: number, pace: Pace, ms: number): Passage {
    const target = new NativeAddresses([{ host: LOOPBACK_HOST, port }], false);
    for (let slot = 0; slot < BATCH; slot++) this.#sendBlock.setName(slot, target.memory, 0, target.length);
    this.#sendBlock.setVectors(0, 0, pace.asOne ? pace.burst : 1);
    this.#sendBlock.setSegments(0, pace.asOne ? PACKET_BYTES : 0);
    this.#drain();
    this.#arrived = 0;
    const droppedBefore = this.#dropped();
    const startedAt = performance.now();
    let sent = 0;
    let bursts = 0;
    let late = 0;
    let dueAt = startedAt;
    for (let now = startedAt; now - startedAt < ms; now = performance.now()) {
      if (now >= dueAt) {
        bursts++;
        if (pace.everyMs > 0 && now - dueAt > LATE_MS) late++;
        sent += this.#send(pace);
        dueAt += pace.everyMs;
      }
      this.#drain();
    }
    const sentAllAt = performance.now();
    this.#awaitStragglers(sent * RECEIVERS, droppedBefore);
    const dropped = this.#dropped() - droppedBefore;
    const samples = this.#latencies.subarray(0, Math.min(this.#arrived, MOST_SAMPLES)).sort();
    const quantile = (share: number) => (samples[Math.floor(share * (samples.length - 1))] ?? Number.NaN) * 1000;
    return {
      due: pace.everyMs === 0 ? sent : Math.ceil(ms / pace.everyMs) * pace.burst,
      sent,
      lateShare: late / bursts,
      arrived: this.#isBlind ? dropped : this.#arrived,
      overflowed: this.#isBlind ? 0 : dropped,
      elapsedMs: sentAllAt - startedAt,
      p50Us: quantile(0.5),
      p99Us: quantile(0.99),
    };
  }

  #awaitStragglers(expected: number, droppedBefore: number): void {
    const count = () => (this.#isBlind ? this.#dropped() - droppedBefore : this.#arrived);
    let arrived = count();
    let cameAt = performance.now();
    while (arrived < expected && performance.now() - cameAt < SETTLE_MS) {
      this.#drain();
      const before = arrived;
      arrived = count();
      if (arrived > before) cameAt = performance.now();
    }
  }

  /** A burst of one source, as a frame is; the next source's turn is next. */
  #send({ burst, asOne }: Pace): number {
    const source = this.#source;
    this.#source = (source + 1) % SOURCES;
    let now = performance.now();
    for (let slot = 0; slot < burst; slot++) {
      // Those of one message leave together, and so need the clock only once.
      if (!asOne) now = performance.now();
      const sequence = this.#sequences[source] ?? 0;
      this.#sequences[source] = sequence + 1;
      this.#outgoingView.setUint16(slot * PACKET_BYTES + 2, sequence);
      this.#outgoingView.setUint32(slot * PACKET_BYTES + 8, ssrcOf(source));
      this.#outgoingView.setFloat64(slot * PACKET_BYTES + SENT_AT, now);
    }
    const messages = libc.sendmmsg(this.#sender, this.#sendBlock.pointer(0), asOne ? 1 : burst, MSG_DONTWAIT);
    if (messages >= 0) return asOne ? messages * burst : messages;
    if (libc.errno() === ERRNO.EAGAIN) return 0;
    throw new Error(`The bench cannot send: errno ${libc.errno()}.`);
  }

  /** By the kernel, at all receivers. */
  #dropped(): number {
    const bound = this.receiverPorts.map((port) => ({ host: LOOPBACK_HOST, port }));
    return bound.reduce((total, endpoint) => total + readKernelDrops(endpoint), 0);
  }

  #drain(): void {
    if (this.#isBlind) return;
    for (const descriptor of this.#receivers) {
      const count = libc.recvmmsg(descriptor, this.#receiveBlock.pointer(0), BATCH, MSG_DONTWAIT, NO_POINTER);
      const now = performance.now();
      for (let slot = 0; slot < count; slot++) {
        const sentAt = this.#incomingView.getFloat64(slot * SEEN_BYTES + SENT_AT);
        if (this.#arrived < MOST_SAMPLES) this.#latencies[this.#arrived] = now - sentAt;
        this.#arrived++;
      }
    }
  }
}

function openSocket(): { descriptor: number; port: number } {
  const descriptor = libc.socket(AF_INET, SOCK_DGRAM, 0);
  const address = new Int32Array(ADDRESS_BYTES / 4);
  const bytes = addressLength(false);
  writeAddress(address.buffer, 0, { host: LOOPBACK_HOST, port: 0 }, false);
  libc.setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, Int32Array.of(RECEIVE_BUFFER_BYTES), 4);
  libc.bind(descriptor, address, bytes);
  if (libc.getsockname(descriptor, address, Int32Array.of(bytes)) !== 0) {
    throw new Error(`No loopback socket can be opened: errno ${libc.errno()}.`);
  }
  return { descriptor, port: readAddress(address.buffer, 0).port };
}
