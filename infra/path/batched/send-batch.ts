/** Datagrams to many receivers, collected and sent in one system call; equal ones to one receiver as one GSO message. */
import { type CounterBlock, DROP } from '../counters.ts';
import { ERRNO, type Libc, MSG_DONTWAIT, MSG_NOSIGNAL, type NativeMemory } from './libc.ts';
import { MessageBlock } from './message-block.ts';
import type { SendRoom } from './send-room.ts';
import type { NativeAddresses } from './socket-address.ts';

/** The kernel takes at most 1,024 messages at a call (UIO_MAXIOV). */
const MOST_MESSAGES = 1024;
/** Four full GSO batches' worth of datagrams for each of 16 receivers. */
export const MOST_DATAGRAMS = 4096;

/** Limits of one GSO message: segments (UDP_MAX_SEGMENTS before Linux 6.9) and the size of an IP packet with headers. */
const MOST_SEGMENTS = 64;
const MOST_SEGMENTED_BYTES = 65_000;

/** What a destination or device without GSO answers, and a segment that with its headers exceeds the MTU. */
const SEGMENTATION_ERRORS: ReadonlySet<number> = new Set([ERRNO.EIO, ERRNO.EINVAL, ERRNO.EMSGSIZE]);
const FULL_ERRORS: ReadonlySet<number> = new Set([ERRNO.EAGAIN, ERRNO.ENOBUFS]);

export interface SendBatchOptions {
  readonly libc: Pick<Libc, 'sendmmsg' | 'errno'>;
  readonly descriptor: number;
  readonly room: Pick<SendRoom, 'hasRoomForVideo' | 'noteFull'>;
  readonly counters: CounterBlock;
  /** Whether what is sent is other peers' packets, for the counters. */
  readonly forwarding: boolean;
  /** Whether this kernel has UDP GSO. */
  readonly segmentation: boolean;
}

/**
 * Call {@link add} for each datagram, grouped by destination and audio first, then {@link flush}. Neither allocates.
 * When the send buffer is full the rest of the batch is dropped, which is video as long as there is any.
 */
export class SendBatch {
  readonly #options: SendBatchOptions;
  readonly #block = new MessageBlock(MOST_MESSAGES, MOST_DATAGRAMS);
  readonly #firstVector = new Int32Array(MOST_MESSAGES);
  readonly #packets = new Int32Array(MOST_MESSAGES);
  readonly #bytes = new Int32Array(MOST_MESSAGES);
  readonly #destination = new Int32Array(MOST_MESSAGES);
  #addresses: NativeAddresses;
  /** Ids of destinations where GSO has failed. */
  readonly #unsegmented = new Set<number>();
  #messages = 0;
  #vectors = 0;
  /** How many messages at the front are audio. */
  #audioMessages = 0;
  /** Size of the open message's segments; 0 if it takes no more. */
  #segmentBytes = 0;

  constructor(options: SendBatchOptions, addresses: NativeAddresses) {
    this.#options = options;
    this.#addresses = addresses;
  }

  /** Sends to `addresses` from now on. The batch must be empty. */
  use(addresses: NativeAddresses): void {
    if (addresses !== this.#addresses) this.#unsegmented.clear();
    this.#addresses = addresses;
  }

  /** Adds `length` bytes at `offset` of `memory`, which must stay as they are until {@link flush}. */
  add(destination: number, memory: NativeMemory, offset: number, length: number, audio: boolean): void {
    if (this.#vectors === MOST_DATAGRAMS) this.flush();
    const last = this.#messages - 1;
    const joins =
      this.#segmentBytes >= length && this.#destination[last] === destination && this.#hasRoom(last, length);
    if (joins) {
      this.#block.setVector(this.#vectors++, memory, offset, length);
      this.#packets[last] = (this.#packets[last] ?? 0) + 1;
      this.#bytes[last] = (this.#bytes[last] ?? 0) + length;
      // Only the last segment may be shorter.
      if (length < this.#segmentBytes) this.#segmentBytes = 0;
    } else this.#begin(destination, memory, offset, length, audio);
  }

  /** Sends what was added. Counts what left and what did not. */
  flush(): void {
    this.#seal();
    const allowed = this.#options.room.hasRoomForVideo() ? this.#messages : this.#audioMessages;
    const reached = this.#sendUpTo(allowed);
    if (reached < this.#messages) this.#dropFrom(reached);
    this.#messages = 0;
    this.#vectors = 0;
    this.#audioMessages = 0;
    this.#segmentBytes = 0;
  }

  #hasRoom(message: number, length: number): boolean {
    const bytes = (this.#bytes[message] ?? 0) + length;
    return (this.#packets[message] ?? 0) < MOST_SEGMENTS && bytes <= MOST_SEGMENTED_BYTES;
  }

  #begin(destination: number, memory: NativeMemory, offset: number, length: number, audio: boolean): void {
    if (this.#messages === MOST_MESSAGES) this.flush();
    else this.#seal();
    const message = this.#messages++;
    const vector = this.#vectors++;
    if (audio) this.#audioMessages = this.#messages;
    this.#block.setVector(vector, memory, offset, length);
    this.#firstVector[message] = vector;
    this.#packets[message] = 1;
    this.#bytes[message] = length;
    this.#destination[message] = destination;
    this.#segmentBytes = this.#options.segmentation && !this.#unsegmented.has(destination) ? length : 0;
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
    this.#block.setVectors(message, first, packets);
    this.#block.setSegments(message, packets > 1 ? this.#block.vectorLength(first) : 0);
  }

  /** Returns the first message below `end` for which the send buffer had no room, or `end`. */
  #sendUpTo(end: number): number {
    let next = 0;
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
        return next;
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
    this.#block.setSegments(message, 0);
    const first = this.#firstVector[message] ?? 0;
    for (let vector = first; vector < first + packets; vector++) {
      this.#block.setVectors(message, vector, 1);
      if (this.#call(message, 1) === 1) this.#countSent(1, this.#block.vectorLength(vector));
      else
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
    }
    this.#countSent(packets, bytes);
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
