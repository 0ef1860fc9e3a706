/**
 * The packets of one received batch, queued by receiver, of all streams together: the longer what goes to one receiver
 * stands in a row, the more GSO saves. What one receiver gets stays in order.
 */
import type { Destinations } from '../table.ts';
import type { ReceiveBatch } from './receive-batch.ts';
import { MOST_DATAGRAMS, type SendBatch } from './send-batch.ts';

const NONE = -1;

/** Queues begin with those that are sent first. */
const AUDIO = 0;
const VIDEO = 1;
const KINDS = 2;

export class ReceiverQueues {
  readonly #packets: ReceiveBatch;
  readonly #batch: SendBatch;
  /** Queued datagrams: their slots, and the next one in the same queue. */
  readonly #slots = new Int32Array(MOST_DATAGRAMS);
  readonly #next = new Int32Array(MOST_DATAGRAMS);
  #queued = 0;
  /** First and last datagram of each queue. A receiver's queues are at KINDS times its address id. */
  #first = new Int32Array(0);
  #last = new Int32Array(0);
  /** The receivers that have a queue, by kind. */
  readonly #receivers = [new Int32Array(MOST_DATAGRAMS), new Int32Array(MOST_DATAGRAMS)] as const;
  readonly #receiverCounts = new Int32Array(KINDS);

  /** @param batch is empty whenever this is */
  constructor(packets: ReceiveBatch, batch: SendBatch) {
    this.#packets = packets;
    this.#batch = batch;
  }

  /** Makes room for receivers with ids below `addresses`. Must be empty. */
  use(addresses: number): void {
    if (this.#first.length >= KINDS * addresses) return;
    this.#first = new Int32Array(2 * KINDS * addresses).fill(NONE);
    this.#last = new Int32Array(2 * KINDS * addresses);
  }

  add(slot: number, receivers: Destinations, audio: boolean): void {
    const kind = audio ? AUDIO : VIDEO;
    const first = this.#first;
    const last = this.#last;
    const next = this.#next;
    for (let index = 0; index < receivers.length; index++) {
      const receiver = receivers[index] ?? 0;
      const queue = KINDS * receiver + kind;
      if (this.#queued === MOST_DATAGRAMS) this.sendAll();
      const datagram = this.#queued++;
      this.#slots[datagram] = slot;
      next[datagram] = NONE;
      if (first[queue] === NONE) {
        first[queue] = datagram;
        this.#note(kind, receiver);
      } else next[last[queue] ?? 0] = datagram;
      last[queue] = datagram;
    }
  }

  /** Sends the only packet of a batch: it has nothing to be sorted among. */
  sendOnly(slot: number, receivers: Destinations, audio: boolean): void {
    const packets = this.#packets;
    const offset = packets.offset(slot);
    const length = packets.length(slot);
    for (let index = 0; index < receivers.length; index++) {
      this.#batch.add(receivers[index] ?? 0, packets.memory, offset, length, audio);
    }
    this.#batch.flush();
  }

  /** Sends everything, audio first, and is empty again. */
  sendAll(): void {
    if (this.#queued === 0) return;
    for (let kind = AUDIO; kind < KINDS; kind++) this.#addQueues(kind);
    this.#batch.flush();
    this.#queued = 0;
    this.#receiverCounts[AUDIO] = 0;
    this.#receiverCounts[VIDEO] = 0;
  }

  #note(kind: number, receiver: number): void {
    const count = this.#receiverCounts[kind] ?? 0;
    const receivers = this.#receivers[kind];
    if (receivers !== undefined) receivers[count] = receiver;
    this.#receiverCounts[kind] = count + 1;
  }

  #addQueues(kind: number): void {
    const receivers = this.#receivers[kind];
    const count = this.#receiverCounts[kind] ?? 0;
    const packets = this.#packets;
    for (let index = 0; index < count; index++) {
      const receiver = receivers?.[index] ?? 0;
      const queue = KINDS * receiver + kind;
      for (let datagram = this.#first[queue] ?? NONE; datagram !== NONE; datagram = this.#next[datagram] ?? NONE) {
        const slot = this.#slots[datagram] ?? 0;
        this.#batch.add(receiver, packets.memory, packets.offset(slot), packets.length(slot), kind === AUDIO);
      }
      this.#first[queue] = NONE;
    }
  }
}
