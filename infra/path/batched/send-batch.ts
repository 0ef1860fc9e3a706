/** Datagrams to many receivers, collected and sent in one system call; equal ones to one receiver as one GSO message. */
import { CHANNEL_HEADER_BYTES } from '../channel-data.ts';
import { type CounterBlock, DROP } from '../counters.ts';
import { ChannelHeaders } from './channel-headers.ts';
import { DatagramRuns, isOneMessage } from './datagram-runs.ts';
import { ERRNO, type Libc, MSG_DONTWAIT, MSG_NOSIGNAL, type NativeMemory } from './libc.ts';
import { MessageBlock } from './message-block.ts';
import type { SendRoom } from './send-room.ts';
import type { NativeAddresses } from './socket-address.ts';

/** The kernel takes at most 1,024 messages at a call (UIO_MAXIOV). */
const MOST_MESSAGES = 1024;
/** Of datagrams as they lie, and once more of those that do not lie in a row for some receiver. */
const MOST_VECTORS = 4096;
/** Of a message to a TURN channel: four bytes, and what goes through it. */
const CHANNEL_VECTORS = 2;

/** What a destination or device without GSO answers, and a segment that with its headers exceeds the MTU. */
const SEGMENTATION_ERRORS: ReadonlySet<number> = new Set([ERRNO.EIO, ERRNO.EINVAL, ERRNO.EMSGSIZE]);
const FULL_ERRORS: ReadonlySet<number> = new Set([ERRNO.EAGAIN, ERRNO.ENOBUFS]);

export interface SendBatchOptions {
  readonly libc: Pick<Libc, 'sendmmsg' | 'errno'>;
  readonly descriptor: number;
  readonly room: Pick<SendRoom, 'hasRoomForVideo' | 'noteFull' | 'waitForRoom'>;
  readonly counters: CounterBlock;
  /** Whether what is sent is other peers' packets, for the counters. */
  readonly forwarding: boolean;
  /** Whether destinations are ids of the table's addresses, for the counters. Default: yes. */
  readonly ofTable?: boolean;
  /** Whether this kernel has UDP GSO. */
  readonly segmentation: boolean;
}

/**
 * {@link lay} datagrams, {@link add} their runs receiver by receiver, audio first, {@link flush}; {@link clear} once no run is
 * needed any more. None of these allocates. When the send buffer stays full the rest of what was added is dropped, which is video
 * as long as there is any.
 */
export class SendBatch {
  readonly #options: SendBatchOptions;
  readonly #block = new MessageBlock(MOST_MESSAGES, MOST_VECTORS);
  readonly #runs: DatagramRuns;
  readonly #firstVector = new Int32Array(MOST_MESSAGES);
  readonly #packets = new Int32Array(MOST_MESSAGES);
  readonly #bytes = new Int32Array(MOST_MESSAGES);
  readonly #destination = new Int32Array(MOST_MESSAGES);
  #addresses: NativeAddresses;
  readonly #channelHeaders = new ChannelHeaders(MOST_MESSAGES);
  /** Ids of destinations where GSO has failed. */
  readonly #unsegmented = new Set<number>();
  #messages = 0;
  /** How many messages at the front are audio. */
  #audioMessages = 0;
  /** The size that the newest message's next segment must have, or may fall short of; 0 if it takes no more. */
  #openBytes = 0;
  /** Vectors in use: of what is laid, and behind them copies. */
  #vectors = 0;

  constructor(options: SendBatchOptions, addresses: NativeAddresses) {
    this.#options = options;
    this.#addresses = addresses;
    this.#runs = new DatagramRuns(this.#block, options.segmentation);
  }

  /** Sends to `addresses` from now on. The batch must be empty. */
  use(addresses: NativeAddresses): void {
    if (addresses !== this.#addresses) this.#unsegmented.clear();
    this.#addresses = addresses;
  }

  /** As {@link DatagramRuns.lay}. Nothing may be added yet. */
  lay(memory: NativeMemory, offset: number, length: number, joins: boolean): number {
    const run = this.#runs.lay(memory, offset, length, joins);
    this.#vectors = this.#runs.laid;
    return run;
  }

  /** Has the datagrams of a run sent to `destination`. */
  add(destination: number, run: number, audio: boolean): void {
    const runs = this.#runs;
    const first = runs.first(run);
    const packets = runs.packets(run);
    const channel = this.#addresses.channel(destination);
    if (channel !== 0) {
      for (let vector = first; vector < first + packets; vector++)
        this.#beginInChannel(destination, channel, vector, audio);
    } else if (this.#takes(destination, run, audio)) this.#append(run);
    else if (this.#unsegmented.has(destination)) {
      for (let vector = first; vector < first + packets; vector++) {
        this.#begin(destination, vector, 1, this.#block.vectorLength(vector), audio);
        this.#openBytes = 0;
      }
    } else {
      this.#begin(destination, first, packets, runs.bytes(run), audio);
      this.#openBytes = runs.openBytes(run);
    }
  }

  /** Sends what was added. Counts what left and what did not. */
  flush(): void {
    this.#seal();
    const allowed = this.#options.room.hasRoomForVideo() ? this.#messages : this.#audioMessages;
    const reached = this.#sendUpTo(allowed);
    if (reached < this.#messages) this.#dropFrom(reached);
    this.#messages = 0;
    this.#audioMessages = 0;
    this.#openBytes = 0;
    this.#vectors = this.#runs.laid;
  }

  /** Forgets what was laid. */
  clear(): void {
    this.#runs.clear();
  }

  /** Whether a run can be part of the newest message. */
  #takes(destination: number, run: number, audio: boolean): boolean {
    const last = this.#messages - 1;
    if (this.#openBytes === 0 || this.#destination[last] !== destination) return false;
    const isAudio = this.#audioMessages === this.#messages;
    const packets = this.#runs.packets(run);
    const segmentBytes = this.#block.vectorLength(this.#runs.first(run));
    // Only the last segment may be shorter.
    const fits = segmentBytes === this.#openBytes || (packets === 1 && segmentBytes < this.#openBytes);
    const all = (this.#packets[last] ?? 0) + packets;
    const hasVectors = this.#vectors + all <= MOST_VECTORS;
    return (
      fits && isAudio === audio && hasVectors && isOneMessage(all, (this.#bytes[last] ?? 0) + this.#runs.bytes(run))
    );
  }

  #append(run: number): void {
    const last = this.#messages - 1;
    const packets = this.#runs.packets(run);
    this.#makeRow(last, this.#runs.first(run), packets);
    this.#packets[last] = (this.#packets[last] ?? 0) + packets;
    this.#bytes[last] = (this.#bytes[last] ?? 0) + this.#runs.bytes(run);
    if (this.#runs.openBytes(run) !== this.#openBytes) this.#openBytes = 0;
  }

  /** Has `count` vectors from `first` on follow those of a message: where they do not lie so, copies of them do. */
  #makeRow(message: number, first: number, count: number): void {
    const packets = this.#packets[message] ?? 0;
    const end = (this.#firstVector[message] ?? 0) + packets;
    if (end === first) return;
    if (end !== this.#vectors) {
      this.#block.copyVectors(end - packets, packets, this.#vectors);
      this.#firstVector[message] = this.#vectors;
      this.#vectors += packets;
    }
    this.#block.copyVectors(first, count, this.#vectors);
    this.#vectors += count;
  }

  #begin(destination: number, firstVector: number, packets: number, bytes: number, audio: boolean): void {
    if (this.#messages === MOST_MESSAGES) this.flush();
    else this.#seal();
    const message = this.#messages++;
    if (audio) this.#audioMessages = this.#messages;
    this.#firstVector[message] = firstVector;
    this.#packets[message] = packets;
    this.#bytes[message] = bytes;
    this.#destination[message] = destination;
  }

  /** A datagram to a TURN channel is a message by itself, of two vectors: what stands in front, and a copy of its own. */
  #beginInChannel(destination: number, channel: number, vector: number, audio: boolean): void {
    if (this.#messages === MOST_MESSAGES || this.#vectors + CHANNEL_VECTORS > MOST_VECTORS) this.flush();
    const bytes = this.#block.vectorLength(vector);
    this.#begin(destination, this.#vectors, 1, CHANNEL_HEADER_BYTES + bytes, audio);
    this.#openBytes = 0;
    this.#channelHeaders.lay(this.#block, this.#vectors, this.#messages - 1, channel, bytes);
    this.#block.copyVectors(vector, 1, this.#vectors + 1);
    this.#vectors += CHANNEL_VECTORS;
  }

  /** Writes the newest message's header, now that it is known what is in it. */
  #seal(): void {
    const message = this.#messages - 1;
    if (message < 0) return;
    const packets = this.#packets[message] ?? 0;
    const first = this.#firstVector[message] ?? 0;
    const destination = this.#destination[message] ?? 0;
    const { memory, length } = this.#addresses;
    this.#block.setName(message, memory, this.#addresses.offset(destination), length);
    this.#block.setVectors(message, first, this.#addresses.channel(destination) === 0 ? packets : CHANNEL_VECTORS);
    this.#block.setSegments(
      message,
      packets > 1 ? this.#block.vectorLength(first) : 0,
      this.#addresses.origin(destination),
    );
  }

  /** Returns the first message below `end` for which the send buffer had no room, or `end`. */
  #sendUpTo(end: number): number {
    let next = 0;
    let mayWait = true;
    while (next < end) {
      const sent = this.#call(next, end - next);
      if (sent > 0) {
        this.#countMessages(next, next + sent);
        next += sent;
        continue;
      }
      const error = this.#options.libc.errno();
      if (error === ERRNO.EINTR) continue;
      if (FULL_ERRORS.has(error)) {
        this.#options.room.noteFull();
        if (!mayWait || !this.#options.room.waitForRoom()) return next;
        mayWait = false;
        continue;
      }
      this.#afterRefusal(next, error);
      next++;
    }
    return end;
  }

  /** One message is refused: without GSO it may pass, else its receiver cannot be reached. The others are unharmed. */
  #afterRefusal(message: number, error: number): void {
    const packets = this.#packets[message] ?? 0;
    if (packets === 1 || !SEGMENTATION_ERRORS.has(error)) {
      this.#options.counters.drop(DROP.unreachable, packets);
      return;
    }
    this.#unsegmented.add(this.#destination[message] ?? 0);
    this.#block.setSegments(message, 0, this.#addresses.origin(this.#destination[message] ?? 0));
    const first = this.#firstVector[message] ?? 0;
    for (let vector = first; vector < first + packets; vector++) {
      this.#block.setVectors(message, vector, 1);
      if (this.#call(message, 1) === 1) {
        this.#countSent(1, this.#block.vectorLength(vector));
        this.#countFor(message, this.#block.vectorLength(vector));
      } else
        this.#options.counters.drop(
          FULL_ERRORS.has(this.#options.libc.errno()) ? DROP.sendBufferFull : DROP.unreachable,
        );
    }
  }

  #call(first: number, count: number): number {
    const { libc, descriptor } = this.#options;
    return libc.sendmmsg(descriptor, this.#block.pointer(first), count, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  #countMessages(first: number, end: number): void {
    let packets = 0;
    let bytes = 0;
    for (let message = first; message < end; message++) {
      packets += this.#packets[message] ?? 0;
      bytes += this.#bytes[message] ?? 0;
      this.#countFor(message, this.#bytes[message] ?? 0);
    }
    this.#countSent(packets, bytes);
  }

  #countFor(message: number, bytes: number): void {
    if (this.#options.ofTable !== false) this.#options.counters.sentTo(this.#destination[message] ?? 0, bytes);
  }

  #countSent(packets: number, bytes: number): void {
    this.#options.counters.sent(packets, bytes);
    if (this.#options.forwarding) this.#options.counters.forwarded(packets);
  }

  #dropFrom(first: number): void {
    let packets = 0;
    for (let message = first; message < this.#messages; message++) packets += this.#packets[message] ?? 0;
    this.#options.counters.drop(DROP.sendBufferFull, packets);
  }
}
