/**
 * The packets of one received batch, grouped by stream, so that what goes to one receiver stands together: the longer
 * such a run, the more GSO saves. A stream's packets stay in order.
 */
import { inSlices, type StreamEntry } from '../table.ts';
import { BATCH_PACKETS, type ReceiveBatch } from './receive-batch.ts';
import type { SendBatch } from './send-batch.ts';

const NONE = -1;

export class RouteGroups {
  readonly #packets: ReceiveBatch;
  /** Streams with packets in this batch. */
  readonly #streams: (StreamEntry | undefined)[] = new Array(BATCH_PACKETS).fill(undefined);
  #streamCount = 0;
  /** Slots chained by group: first and last by the group's place among the streams, next by slot. */
  readonly #first = new Int32Array(BATCH_PACKETS);
  readonly #last = new Int32Array(BATCH_PACKETS);
  readonly #next = new Int32Array(BATCH_PACKETS);
  readonly #sequence = new Int32Array(BATCH_PACKETS);

  constructor(packets: ReceiveBatch) {
    this.#packets = packets;
  }

  add(slot: number, stream: StreamEntry, sequence: number): void {
    const group = this.#groupOf(stream);
    if (group === this.#streamCount) {
      this.#streams[this.#streamCount++] = stream;
      this.#first[group] = slot;
    } else this.#next[this.#last[group] ?? 0] = slot;
    this.#last[group] = slot;
    this.#next[slot] = NONE;
    this.#sequence[slot] = sequence;
  }

  /** Newest first: the packets of a frame come one after the other. */
  #groupOf(stream: StreamEntry): number {
    for (let group = this.#streamCount - 1; group >= 0; group--) if (this.#streams[group] === stream) return group;
    return this.#streamCount;
  }

  /** Sends everything, audio first, and is empty again. */
  sendAll(batch: SendBatch): void {
    if (this.#streamCount === 0) return;
    this.#addStreams(batch, true);
    this.#addStreams(batch, false);
    batch.flush();
    this.#streamCount = 0;
  }

  #addStreams(batch: SendBatch, audio: boolean): void {
    for (let at = 0; at < this.#streamCount; at++) {
      const stream = this.#streams[at];
      if (stream === undefined || stream.audio !== audio) continue;
      for (let receiver = 0; receiver < stream.receivers.length; receiver++)
        this.#addReceiver(batch, at, stream, receiver);
    }
  }

  #addReceiver(batch: SendBatch, group: number, stream: StreamEntry, receiver: number): void {
    const destination = stream.receivers[receiver] ?? 0;
    const slices = stream.receiverSlices[receiver] ?? 0;
    const packets = this.#packets;
    for (let slot = this.#first[group] ?? NONE; slot !== NONE; slot = this.#next[slot] ?? NONE) {
      if (!inSlices(slices, this.#sequence[slot] ?? 0)) continue;
      batch.add(destination, packets.memory, packets.offset(slot), packets.length(slot), stream.audio);
    }
  }
}
