/**
 * The packets of one received batch, queued by receiver, of all streams together: the longer what goes to one receiver
 * stands in a row, the more GSO saves. What one receiver gets stays in order.
 */
import { type Destinations, NO_DESTINATIONS } from '../table/table.ts';
import type { ReceiveBatch } from './receive-batch.ts';
import type { SendBatch } from './send-batch.ts';

const NONE = -1;

/** Queues begin with those that are sent first. */
const AUDIO = 0;
const VIDEO = 1;
const KINDS = 2;

/** A full batch in as many runs as packets, for each of 64 receivers. */
const MOST_QUEUED = 4096;

type ReceivedPackets = Pick<ReceiveBatch, 'memory' | 'offset' | 'length'>;

export class ReceiverQueues {
  readonly #packets: ReceivedPackets;
  readonly #batch: SendBatch;
  /** What is queued: runs, and the next one in the same queue. */
  readonly #runs = new Int32Array(MOST_QUEUED);
  readonly #next = new Int32Array(MOST_QUEUED);
  #queued = 0;
  /** The newest run, which is in its receivers' queues, and whose it is. */
  #newest = NONE;
  #newestReceivers = NO_DESTINATIONS;
  #newestKind = VIDEO;
  /** First and last of each queue. A receiver's queues are at KINDS times its address id. */
  #first = new Int32Array(0);
  #last = new Int32Array(0);
  /** The receivers that have a queue, by kind. */
  readonly #receivers = [new Int32Array(MOST_QUEUED), new Int32Array(MOST_QUEUED)] as const;
  readonly #receiverCounts = new Int32Array(KINDS);

  /** @param batch is empty whenever this is */
  constructor(packets: ReceivedPackets, batch: SendBatch) {
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
    const joins = receivers === this.#newestReceivers && kind === this.#newestKind;
    const run = this.#lay(slot, joins);
    if (joins && run === this.#newest) return;
    this.#newest = run;
    this.#newestReceivers = receivers;
    this.#newestKind = kind;
    for (let index = 0; index < receivers.length; index++) this.#queue(run, receivers[index] ?? 0, kind);
  }

  /** Sends the only packet of a batch: it has nothing to be sorted among. */
  sendOnly(slot: number, receivers: Destinations, audio: boolean): void {
    const run = this.#lay(slot, false);
    for (let index = 0; index < receivers.length; index++) this.#batch.add(receivers[index] ?? 0, run, audio);
    this.#batch.flush();
    this.#batch.clear();
  }

  /** Sends everything, audio first, and is empty again. */
  sendAll(): void {
    if (this.#queued > 0) this.#sendQueued();
    this.#batch.clear();
  }

  #lay(slot: number, joins: boolean): number {
    const packets = this.#packets;
    return this.#batch.lay(packets.memory, packets.offset(slot), packets.length(slot), joins);
  }

  #queue(run: number, receiver: number, kind: number): void {
    if (this.#queued === MOST_QUEUED) this.#sendQueued();
    const queue = KINDS * receiver + kind;
    const queued = this.#queued++;
    this.#runs[queued] = run;
    this.#next[queued] = NONE;
    if (this.#first[queue] === NONE) {
      this.#first[queue] = queued;
      this.#note(kind, receiver);
    } else this.#next[this.#last[queue] ?? 0] = queued;
    this.#last[queue] = queued;
  }

  #note(kind: number, receiver: number): void {
    const count = this.#receiverCounts[kind] ?? 0;
    const receivers = this.#receivers[kind];
    if (receivers !== undefined) receivers[count] = receiver;
    this.#receiverCounts[kind] = count + 1;
  }

  #sendQueued(): void {
    for (let kind = AUDIO; kind < KINDS; kind++) this.#addQueues(kind);
    this.#batch.flush();
    this.#queued = 0;
    this.#receiverCounts[AUDIO] = 0;
    this.#receiverCounts[VIDEO] = 0;
    // The newest run grows no more: some of its receivers have it as it is.
    this.#newestReceivers = NO_DESTINATIONS;
  }

  #addQueues(kind: number): void {
    const receivers = this.#receivers[kind];
    const count = this.#receiverCounts[kind] ?? 0;
    for (let index = 0; index < count; index++) {
      const receiver = receivers?.[index] ?? 0;
      const queue = KINDS * receiver + kind;
      for (let queued = this.#first[queue] ?? NONE; queued !== NONE; queued = this.#next[queued] ?? NONE) {
        this.#batch.add(receiver, this.#runs[queued] ?? 0, kind === AUDIO);
      }
      this.#first[queue] = NONE;
    }
  }
}
