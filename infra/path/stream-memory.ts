/**
 * What a path remembers of each SSRC from one table to the next: counters, the delivery window, the rate limit's
 * bucket. It lies in shared memory: the thread that moves packets writes it, others read it, and when that thread
 * dies its successor goes on where it stopped.
 */
import { AddressBook, endpointText } from './addresses.ts';
import type { Endpoint, PathTable, SsrcCounters } from './contract.ts';
import { SEQUENCE_WINDOW_BYTES, SequenceWindow } from './sequence-window.ts';
import { TOKEN_BUCKET_BYTES, TokenBucket } from './token-bucket.ts';

const DELIVERED_PACKETS = 0;
const DELIVERED_BYTES = 1;
const DUPLICATE_PACKETS = 2;
const TOTALS_BYTES = 8 * 3;

const TOTALS_AT = TOKEN_BUCKET_BYTES;
const WINDOW_AT = TOTALS_AT + TOTALS_BYTES;
const STREAM_BYTES = WINDOW_AT + SEQUENCE_WINDOW_BYTES;

const ARRIVED_PACKETS = 0;
const LAST_ARRIVAL = 1;
const ARRIVAL_BYTES = 8 * 2;

/** The memory of one SSRC. Can be posted to another thread, where it is the same memory. */
export interface StreamMemory {
  readonly stream: SharedArrayBuffer;
  /** By the address that packets come from, written as {@link endpointText}. */
  readonly arrivals: ReadonlyMap<string, SharedArrayBuffer>;
}

/** By SSRC. */
export type StreamMemories = ReadonlyMap<number, StreamMemory>;

/** {@link StreamMemory} made readable and writable. */
export class StreamState {
  readonly window: SequenceWindow;
  readonly bucket: TokenBucket;
  readonly #totals: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.bucket = new TokenBucket(memory);
    this.#totals = new Float64Array(memory, TOTALS_AT, TOTALS_BYTES / 8);
    this.window = new SequenceWindow(memory, WINDOW_AT);
  }

  delivered(bytes: number): void {
    this.#totals[DELIVERED_PACKETS] = this.total(DELIVERED_PACKETS) + 1;
    this.#totals[DELIVERED_BYTES] = this.total(DELIVERED_BYTES) + bytes;
  }

  duplicate(): void {
    this.#totals[DUPLICATE_PACKETS] = this.total(DUPLICATE_PACKETS) + 1;
  }

  total(place: number): number {
    return this.#totals[place] ?? 0;
  }
}

/** Packets and last arrival of one SSRC from one address. */
export class ArrivalState {
  readonly #numbers: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new Float64Array(memory);
  }

  arrived(nowMs: number): void {
    this.#numbers[ARRIVED_PACKETS] = this.packets + 1;
    this.#numbers[LAST_ARRIVAL] = nowMs;
  }

  get packets(): number {
    return this.#numbers[ARRIVED_PACKETS] ?? 0;
  }

  get lastArrivalMs(): number {
    return this.#numbers[LAST_ARRIVAL] ?? 0;
  }
}

/**
 * The memories that `table` needs: those of `before` for every SSRC and address that stays, fresh ones for the others.
 *
 * @throws {PathError} `address.invalid`
 */
export function memoriesFor(table: PathTable, before: StreamMemories): StreamMemories {
  const senders = sendersBySsrc(table);
  return new Map(
    [...senders].map(([ssrc, endpoints]) => {
      const known = before.get(ssrc);
      const arrivals = new Map(
        [...endpoints].map((text) => [text, known?.arrivals.get(text) ?? new SharedArrayBuffer(ARRIVAL_BYTES)]),
      );
      return [ssrc, { stream: known?.stream ?? new SharedArrayBuffer(STREAM_BYTES), arrivals }];
    }),
  );
}

/** The counters in `memory`. Before the first packet `highestSequence` is one below `firstSequence`. */
export function readSsrcCounters(memory: StreamMemory): SsrcCounters {
  const state = new StreamState(memory.stream);
  return {
    firstSequence: state.window.first,
    highestSequence: state.window.highest,
    deliveredPackets: state.total(DELIVERED_PACKETS),
    deliveredBytes: state.total(DELIVERED_BYTES),
    duplicatePackets: state.total(DUPLICATE_PACKETS),
    byUpstream: new Map(
      [...memory.arrivals].map(([text, buffer]) => {
        const { packets, lastArrivalMs } = new ArrivalState(buffer);
        return [text, { packets, lastArrivalMs }];
      }),
    ),
  };
}

function sendersBySsrc(table: PathTable): Map<number, Set<string>> {
  const senders = new Map<number, Set<string>>();
  // The book spares parsing an address that many routes name.
  const book = new AddressBook();
  const add = (ssrc: number, endpoint: Endpoint) => {
    senders.get(ssrc)?.add(endpointText(book.endpoint(book.add(endpoint))));
  };
  for (const { ssrc } of [...table.routes, ...table.sinks]) senders.set(ssrc, new Set());
  for (const { ssrc, upstream } of table.routes) if (upstream !== null) add(ssrc, upstream);
  for (const { ssrc, from } of table.sinks) for (const endpoint of from) add(ssrc, endpoint);
  return senders;
}
