/**
 * What reached the sink of each remote source, counted from the packets themselves and from nothing else: the verdict on
 * a call must not rest on what the packet path says of itself.
 */
import { readSequence } from '../../infra/rtp/header.ts';
import { extendSequence, wireSequence } from '../../infra/rtp/sequence.ts';
import type { PeerId } from '../../machines/messages.ts';

/** How many of the newest sequence numbers are remembered: all between which 16 bits can tell before from after. */
const REMEMBERED_PACKETS = 32_768;
/** How many of the newest arrivals are remembered: a minute at 1 Mbit/s, eight seconds at 10. */
const REMEMBERED_ARRIVALS = 8192;
/** No extended sequence number is this low. */
const NEVER = -0x8000_0000;
const MOST_COUNTED = 0xff;

/** Totals since the first packet. */
export interface Reception {
  /** Distinct packets, and their bytes of UDP payload. */
  readonly packets: number;
  readonly bytes: number;
  readonly duplicates: number;
  /** Extended sequence numbers, counted from the cycle of the first packet seen here. */
  readonly firstSequence: number;
  readonly highestSequence: number;
  /** Arrival by the meter's clock, in ms, of the first packet that came from each peer, itself or as a relay. */
  readonly firstArrivalMs: ReadonlyMap<PeerId, number>;
}

/** What arrived of a range of sequence numbers. */
export interface WindowReception {
  readonly expected: number;
  readonly received: number;
  readonly duplicates: number;
  /** Distinct packets by the peer from which they came first. */
  readonly via: ReadonlyMap<PeerId, number>;
}

/** One remote source. */
class SourceMeter {
  /** By the low bits of the extended number: the number itself, copies beyond the first, where the first came from. */
  readonly #numbers = new Int32Array(REMEMBERED_PACKETS).fill(NEVER);
  readonly #copies = new Uint8Array(REMEMBERED_PACKETS);
  readonly #senders = new Uint16Array(REMEMBERED_PACKETS);
  readonly #arrivals = new Float64Array(REMEMBERED_ARRIVALS);
  readonly #senderIds = new Map<PeerId, number>();
  readonly #firstArrivalMs = new Map<PeerId, number>();
  #arrived = 0;
  #packets = 0;
  #bytes = 0;
  #duplicates = 0;
  #first = 0;
  #highest = -1;

  record(packet: Uint8Array, from: PeerId, nowMs: number): void {
    const sequence = readSequence(packet);
    const extended = this.#arrived === 0 ? this.#begin(sequence) : extendSequence(this.#highest, sequence);
    const slot = slotOf(extended);
    const sender = this.#senderId(from, nowMs);
    this.#arrivals[this.#arrived % REMEMBERED_ARRIVALS] = nowMs;
    this.#arrived++;
    if (this.#numbers[slot] === extended) {
      this.#duplicates++;
      this.#copies[slot] = Math.min(MOST_COUNTED, (this.#copies[slot] ?? 0) + 1);
      return;
    }
    this.#numbers[slot] = extended;
    this.#copies[slot] = 0;
    this.#senders[slot] = sender;
    this.#packets++;
    this.#bytes += packet.length;
    if (extended > this.#highest) this.#highest = extended;
    if (extended < this.#first) this.#first = extended;
  }

  reception(): Reception {
    return {
      ...{ packets: this.#packets, bytes: this.#bytes, duplicates: this.#duplicates },
      ...{ firstSequence: this.#first, highestSequence: this.#highest },
      firstArrivalMs: new Map(this.#firstArrivalMs),
    };
  }

  window(from: number, to: number): WindowReception {
    const expected = to - from;
    if (expected < 0 || expected > REMEMBERED_PACKETS) {
      throw new RangeError(`A window has 0 to ${REMEMBERED_PACKETS} sequence numbers, not ${expected}.`);
    }
    const end = extendSequence(this.#highest, wireSequence(to));
    const names = [...this.#senderIds.keys()];
    const via = new Map<PeerId, number>();
    let received = 0;
    let duplicates = 0;
    for (let number = end - expected; number < end; number++) {
      const slot = slotOf(number);
      if (this.#numbers[slot] !== number) continue;
      received++;
      duplicates += this.#copies[slot] ?? 0;
      const name = names[this.#senders[slot] ?? 0] ?? '';
      via.set(name, (via.get(name) ?? 0) + 1);
    }
    return { expected, received, duplicates, via };
  }

  largestGapMs(fromMs: number, toMs: number): number {
    let before = fromMs;
    let largest = 0;
    for (let index = Math.max(0, this.#arrived - REMEMBERED_ARRIVALS); index < this.#arrived; index++) {
      const arrival = this.#arrivals[index % REMEMBERED_ARRIVALS] ?? 0;
      if (arrival < fromMs || arrival > toMs) continue;
      largest = Math.max(largest, arrival - before);
      before = arrival;
    }
    return Math.max(largest, toMs - before);
  }

  #begin(sequence: number): number {
    this.#first = sequence;
    this.#highest = sequence;
    return sequence;
  }

  #senderId(from: PeerId, nowMs: number): number {
    const known = this.#senderIds.get(from);
    if (known !== undefined) return known;
    const id = this.#senderIds.size;
    this.#senderIds.set(from, id);
    this.#firstArrivalMs.set(from, nowMs);
    return id;
  }
}

/** All remote sources, each named by the peer that shows it. */
export class Meter {
  readonly #now: () => number;
  readonly #sources = new Map<PeerId, SourceMeter>();

  /** @param now milliseconds on a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A packet of `source` has come from `from`: from the source itself, or from a relay. */
  record(packet: Uint8Array, source: PeerId, from: PeerId): void {
    let meter = this.#sources.get(source);
    if (meter === undefined) {
      meter = new SourceMeter();
      this.#sources.set(source, meter);
    }
    meter.record(packet, from, this.#now());
  }

  /** What has come of a source since the start; undefined before its first packet. */
  reception(source: PeerId): Reception | undefined {
    return this.#sources.get(source)?.reception();
  }

  /**
   * What has come of the sequence numbers from `from` up to but without `to`, extended as their sender counts them. The
   * low 16 bits place them: the window must lie within half a cycle of the newest packet here.
   *
   * @throws {RangeError} if the window holds more than {@link REMEMBERED_PACKETS} numbers
   */
  window(source: PeerId, from: number, to: number): WindowReception {
    const nothing = { expected: to - from, received: 0, duplicates: 0, via: new Map<PeerId, number>() };
    return this.#sources.get(source)?.window(from, to) ?? nothing;
  }

  /**
   * The longest time without a packet between two moments of the meter's clock, in ms. The whole time if none came;
   * only the last {@link REMEMBERED_ARRIVALS} arrivals count.
   */
  largestGapMs(source: PeerId, fromMs: number, toMs: number): number {
    return this.#sources.get(source)?.largestGapMs(fromMs, toMs) ?? toMs - fromMs;
  }

  /** Forget a source: its peer has left, or has begun a new stream. */
  forget(source: PeerId): void {
    this.#sources.delete(source);
  }
}

function slotOf(extended: number): number {
  return extended & (REMEMBERED_PACKETS - 1);
}
