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
  /** Slots chained by stream: first and last by the stream's index, next by slot. */
  #first: Int32Array;
  #last: Int32Array;
  readonly #next = new Int32Array(BATCH_PACKETS);
  readonly #sequence = new Int32Array(BATCH_PACKETS);

  constructor(packets: ReceiveBatch) {
    this.#packets = packets;
    this.#first = new Int32Array(0);
    this.#last = new Int32Array(0);
  }

  /** Makes room for a new table's streams. Must be empty. */
  use(streams: number): void {
    this.#first = new Int32Array(streams).fill(NONE);
    this.#last = new Int32Array(streams).fill(NONE);
  }

  add(slot: number, stream: StreamEntry, sequence: number): void {
    const { index } = stream;
    const last = this.#last[index] ?? NONE;
    if (last === NONE) {
      this.#streams[this.#streamCount++] = stream;
      this.#first[index] = slot;
    } else this.#next[last] = slot;
    this.#last[index] = slot;
    this.#next[slot] = NONE;
    this.#sequence[slot] = sequence;
  }

  /** Sends everything, audio first, and is empty again. */
  sendAll(batch: SendBatch): void {
    if (this.#streamCount === 0) return;
    this.#addStreams(batch, true);
    this.#addStreams(batch, false);
    batch.flush();
    for (let at = 0; at < this.#streamCount; at++) {
      const index = this.#streams[at]?.index ?? 0;
      this.#first[index] = NONE;
      this.#last[index] = NONE;
    }
    this.#streamCount = 0;
  }

  #addStreams(batch: SendBatch, audio: boolean): void {
    for (let at = 0; at < this.#streamCount; at++) {
      const stream = this.#streams[at];
      if (stream === undefined || stream.audio !== audio) continue;
      for (let receiver = 0; receiver < stream.receivers.length; receiver++) this.#addReceiver(batch, stream, receiver);
    }
  }

  #addReceiver(batch: SendBatch, stream: StreamEntry, receiver: number): void {
    const destination = stream.receivers[receiver] ?? 0;
    const slices = stream.receiverSlices[receiver] ?? 0;
    const packets = this.#packets;
    for (let slot = this.#first[stream.index] ?? NONE; slot !== NONE; slot = this.#next[slot] ?? NONE) {
      if (!inSlices(slices, this.#sequence[slot] ?? 0)) continue;
      batch.add(destination, packets.memory, packets.offset(slot), packets.length(slot), stream.audio);
    }
  }
}
