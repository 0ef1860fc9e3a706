/** Datagrams received many at a time into slots that are used again and again. */
import { CHANNEL_HEADER_BYTES, readChannel, readChannelLength } from '../channel-data.ts';
import { MAX_DATAGRAM_BYTES } from '../decision/decision.ts';
import { ArrivalTimes, askForArrivalTimes } from './arrival-time.ts';
import { MOST_LAID } from './datagram-runs.ts';
import {
  type Libc,
  MSG_DONTWAIT,
  MSG_WAITFORONE,
  NativeMemory,
  NO_POINTER,
  POLLIN,
  SO_TIMESTAMPNS,
  SOL_SOCKET,
} from './libc.ts';
import { ADDRESS_BYTES, MessageBlock } from './message-block.ts';
import { copyPacketInfo } from './packet-info.ts';
import { ADDRESS_WORDS, CHANNEL_WORD } from './socket-address.ts';

/** One system call's worth: at 64 the call itself is under 2 % of the cost of its datagrams, and 64 fit the L2 cache. */
const BATCH_PACKETS = MOST_LAID;

/** A datagram longer than this is cut off; one byte over the limit is enough to see that it is too long. */
const SLOT_BYTES = 1536;

export class ReceiveBatch {
  /** The datagrams' bytes, slot by slot; what lies behind a datagram's end is left over from earlier ones. */
  readonly packets: readonly Uint8Array[];
  readonly memory: NativeMemory;
  readonly addressWords: Int32Array;
  readonly #libc: Libc;
  readonly #block = new MessageBlock(BATCH_PACKETS, BATCH_PACKETS);
  readonly #addresses = new NativeMemory(BATCH_PACKETS * ADDRESS_BYTES);
  readonly #polled = new Int32Array(2);
  readonly #times: ArrivalTimes;
  /** For control data: whether each call asks for it anew. */
  #asksLocal = false;
  #asksTimes = false;
  /** The clocks have been read since the last call: another's would make what has just come look old. */
  #hasTimes = false;
  /** How many slots the last call has filled, in which the kernel has written how long the control data is. */
  #filled = BATCH_PACKETS;
  /** Whether some slot's address has the number of a channel, which the kernel does not overwrite. */
  #hasChannels = false;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#times = new ArrivalTimes(libc);
    this.memory = new NativeMemory(BATCH_PACKETS * SLOT_BYTES);
    this.addressWords = new Int32Array(this.#addresses.buffer);
    this.packets = Array.from(
      { length: BATCH_PACKETS },
      (_, slot) => new Uint8Array(this.memory.buffer, slot * SLOT_BYTES, SLOT_BYTES),
    );
    for (let slot = 0; slot < BATCH_PACKETS; slot++) {
      this.#block.setVector(slot, this.memory, slot * SLOT_BYTES, MAX_DATAGRAM_BYTES + 1);
      this.#block.setVectors(slot, slot, 1);
      this.#block.setName(slot, this.#addresses, slot * ADDRESS_BYTES, ADDRESS_BYTES);
      this.#block.setSegments(slot, 0);
    }
  }

  /**
   * Waits for at least one datagram, as long as the socket's receive timeout allows. The kernel writes how long each
   * address is, and next time takes that for the room there is: enough, as all addresses of a socket have one length.
   *
   * @param descriptor of the same socket each time
   * @returns how many came, or -1
   */
  receive(descriptor: number): number {
    return this.#receive(descriptor, MSG_WAITFORONE);
  }

  /** The same, but waits no longer than `ms`; 0 where nothing has come. */
  receiveWithin(descriptor: number, ms: number): number {
    this.#polled[0] = descriptor;
    this.#polled[1] = POLLIN;
    if (this.#libc.poll(this.#polled, 1, ms) <= 0) return 0;
    return this.#receive(descriptor, MSG_DONTWAIT);
  }

  /** From the next call on the kernel says which of our addresses a datagram came to, if the socket has been told to. */
  askLocal(): void {
    this.#asksLocal = true;
  }

  /** The same for when it came. @returns whether the kernel can */
  askTimes(descriptor: number): boolean {
    this.#asksTimes = askForArrivalTimes(this.#libc, descriptor);
    return this.#asksTimes;
  }

  /**
   * After a call: reads the clocks that {@link arrivedAtMs} needs, if the kernel has been asked.
   *
   * @param now the clock that it goes by, in ms
   * @returns what that says
   */
  readTimes(now: () => number): number {
    this.#hasTimes = this.#asksTimes;
    return this.#asksTimes ? this.#times.read(now, this.#filled < BATCH_PACKETS) : now();
  }

  /** When a datagram came; undefined where the kernel does not say, or {@link readTimes} has not been called. */
  arrivedAtMs(slot: number): number | undefined {
    const at = this.#hasTimes ? this.#block.findControl(slot, SOL_SOCKET, SO_TIMESTAMPNS) : -1;
    return at < 0 ? undefined : this.#times.atMs(this.#block.controlWords, at);
  }

  /** Copies which of our addresses a datagram came to into `to`, a socket address whose family is set; false where that is not known. */
  copyLocal(slot: number, to: Int32Array, ipv6Socket: boolean): boolean {
    return this.#asksLocal && copyPacketInfo(this.#block, slot, to, ipv6Socket);
  }

  /** Makes of ChannelData what is in it, and of its sender whoever the channel leads to; of anything else nothing. */
  unwrap(slot: number): void {
    const packet = this.packets[slot];
    const length = this.length(slot);
    const held = packet === undefined || length > MAX_DATAGRAM_BYTES ? -1 : readChannelLength(packet, length);
    if (packet === undefined || held < 0) return;
    this.addressWords[this.addressAt(slot) + CHANNEL_WORD] = readChannel(packet);
    this.#hasChannels = true;
    packet.copyWithin(0, CHANNEL_HEADER_BYTES, CHANNEL_HEADER_BYTES + held);
    this.#block.setMessageLength(slot, held);
  }

  length(slot: number): number {
    return this.#block.messageLength(slot);
  }

  offset(slot: number): number {
    return slot * SLOT_BYTES;
  }

  /** Where in {@link addressWords} the slot's sender begins. */
  addressAt(slot: number): number {
    return slot * ADDRESS_WORDS;
  }

  get addressBuffer(): ArrayBuffer {
    return this.#addresses.buffer;
  }

  #receive(descriptor: number, flags: number): number {
    if (this.#hasChannels) this.#forgetChannels();
    if (this.#asksLocal || this.#asksTimes)
      for (let slot = 0; slot < this.#filled; slot++) this.#block.openControl(slot);
    this.#hasTimes = false;
    const count = this.#libc.recvmmsg(descriptor, this.#block.pointer(0), BATCH_PACKETS, flags, NO_POINTER);
    this.#filled = Math.max(0, count);
    return count;
  }

  #forgetChannels(): void {
    for (let slot = 0; slot < BATCH_PACKETS; slot++) this.addressWords[this.addressAt(slot) + CHANNEL_WORD] = 0;
    this.#hasChannels = false;
  }
}
