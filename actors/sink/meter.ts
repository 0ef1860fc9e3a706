/**
 * What reached the sink of each remote stream, counted from the packets themselves and from nothing else: the verdict on
 * a call must not rest on what the packet path says of itself.
 */
import { PICTURE_CLOCK_RATE } from '../../infra/codec/codec.ts';
import { COPY_AGE_MS } from '../../infra/path/decision/sequence-window.ts';
import { readSequence, readTimestamp } from '../../infra/rtp/header.ts';
import { Lateness } from '../../infra/rtp/lateness.ts';
import { extendIntoNextCycle, extendSequence, wireSequence } from '../../infra/rtp/sequence.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import { Freezes, type FreezeTotals, NO_FREEZES } from './freezes.ts';
import { Senders } from './senders.ts';

/** How much is remembered of each stream. */
export interface MeterMemory {
  /** How many of the newest sequence numbers: a power of two, at most half of those that 16 bits can tell apart. */
  readonly packets: number;
  /** How many of the newest arrivals. */
  readonly arrivals: number;
}

/** For verdicts on a call: all packets between which 16 bits can tell before from after; a minute of 1 Mbit/s. 320 kB a stream. */
export const LONG_MEMORY: MeterMemory = { packets: 32_768, arrivals: 8192 };
/** For a table: the ways of the newest packets. 8 kB a stream, so that a full room of all streams takes 16 MB. */
export const SHORT_MEMORY: MeterMemory = { packets: 1024, arrivals: 64 };

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

/** One remote stream. */
class StreamMeter {
  readonly #memory: MeterMemory;
  /** By the low bits of the extended number: the number itself, copies beyond the first, where the first came from. */
  readonly #numbers: Int32Array;
  readonly #copies: Uint8Array;
  readonly #senderIds: Uint16Array;
  readonly #arrivals: Float64Array;
  /** Of each of these, were it a picture's, by how much it was late, in ms. */
  readonly #lateMs: Float32Array;
  readonly #senders = new Senders();
  readonly #freezes = new Freezes();
  readonly #lateness = new Lateness({ clockRate: PICTURE_CLOCK_RATE });
  #arrived = 0;
  #packets = 0;
  #bytes = 0;
  #duplicates = 0;
  #first = 0;
  #highest = -1;
  /** When the highest number came. */
  #highestAtMs = 0;

  constructor(memory: MeterMemory) {
    this.#memory = memory;
    this.#numbers = new Int32Array(memory.packets).fill(NEVER);
    this.#copies = new Uint8Array(memory.packets);
    this.#senderIds = new Uint16Array(memory.packets);
    this.#arrivals = new Float64Array(memory.arrivals);
    this.#lateMs = new Float32Array(memory.arrivals);
  }

  record(packet: Uint8Array, from: PeerId, nowMs: number): void {
    const sequence = readSequence(packet);
    const extended = this.#arrived === 0 ? this.#begin(sequence) : this.#extend(sequence, nowMs);
    const slot = this.#slotOf(extended);
    const sender = this.#senders.idOf(from, nowMs, this.#senderIds);
    const timestamp = readTimestamp(packet);
    const arrival = this.#arrived % this.#memory.arrivals;
    this.#arrivals[arrival] = nowMs;
    this.#lateMs[arrival] = this.#lateness.take(timestamp, nowMs);
    this.#arrived++;
    if (this.#numbers[slot] === extended) {
      this.#duplicates++;
      this.#copies[slot] = Math.min(MOST_COUNTED, (this.#copies[slot] ?? 0) + 1);
      return;
    }
    this.#numbers[slot] = extended;
    this.#copies[slot] = 0;
    this.#senderIds[slot] = sender;
    this.#packets++;
    this.#bytes += packet.length;
    this.#freezes.arrived(timestamp, nowMs);
    if (extended >= this.#highest) {
      this.#highest = extended;
      this.#highestAtMs = nowMs;
    }
    if (extended < this.#first) this.#first = extended;
  }

  reception(): Reception {
    return {
      ...{ packets: this.#packets, bytes: this.#bytes, duplicates: this.#duplicates },
      ...{ firstSequence: this.#first, highestSequence: this.#highest },
      firstArrivalMs: this.#senders.firstArrivalMs(),
    };
  }

  freezes(nowMs: number): FreezeTotals {
    return this.#freezes.totals(nowMs);
  }

  window(from: number, to: number): WindowReception {
    const expected = to - from;
    const most = this.#memory.packets;
    if (expected < 0 || expected > most) {
      throw new RangeError(`A window has 0 to ${most} sequence numbers, not ${expected}.`);
    }
    const end = extendSequence(this.#highest, wireSequence(to));
    const names = this.#senders.names();
    const via = new Map<PeerId, number>();
    let received = 0;
    let duplicates = 0;
    for (let number = end - expected; number < end; number++) {
      const slot = this.#slotOf(number);
      if (this.#numbers[slot] !== number) continue;
      received++;
      duplicates += this.#copies[slot] ?? 0;
      const name = names.get(this.#senderIds[slot] ?? 0) ?? '';
      via.set(name, (via.get(name) ?? 0) + 1);
    }
    return { expected, received, duplicates, via };
  }

  largestGapMs(fromMs: number, toMs: number): number {
    let before = fromMs;
    let largest = 0;
    for (let index = Math.max(0, this.#arrived - this.#memory.arrivals); index < this.#arrived; index++) {
      const arrival = this.#arrivals[index % this.#memory.arrivals] ?? 0;
      if (arrival < fromMs || arrival > toMs) continue;
      largest = Math.max(largest, arrival - before);
      before = arrival;
    }
    return Math.max(largest, toMs - before);
  }

  latestMs(fromMs: number): number {
    let latest = 0;
    for (let slot = 0; slot < Math.min(this.#arrived, this.#memory.arrivals); slot++) {
      if ((this.#arrivals[slot] ?? 0) >= fromMs) latest = Math.max(latest, this.#lateMs[slot] ?? 0);
    }
    return latest;
  }

  #begin(sequence: number): number {
    this.#first = sequence;
    this.#highest = sequence;
    return sequence;
  }

  /** As the packet path judges: what looks old, when nothing new has come for long, has come around the circle. */
  #extend(sequence: number, nowMs: number): number {
    const extended = extendSequence(this.#highest, sequence);
    const isNew = extended > this.#highest || nowMs - this.#highestAtMs < COPY_AGE_MS;
    return isNew ? extended : extendIntoNextCycle(this.#highest, sequence);
  }

  #slotOf(extended: number): number {
    return extended & (this.#memory.packets - 1);
  }
}

/** All remote streams, each by its owner and its name: the SSRC may change while it runs. */
export class Meter {
  readonly #now: () => number;
  readonly #memory: MeterMemory;
  readonly #streams = new Map<PeerId, Map<StreamName, StreamMeter>>();

  /** @param now milliseconds on a monotonic clock */
  constructor(now: () => number, memory: MeterMemory) {
    this.#now = now;
    this.#memory = memory;
  }

  /** A packet of a stream of `owner` has come from `from`: from the owner itself, or from a relay. */
  record(packet: Uint8Array, owner: PeerId, stream: StreamName, from: PeerId): void {
    this.#meterOf(owner, stream).record(packet, from, this.#now());
  }

  /** What has come of a stream since the start; undefined before its first packet. */
  reception(owner: PeerId, stream: StreamName): Reception | undefined {
    return this.#streams.get(owner)?.get(stream)?.reception();
  }

  /**
   * What has come of the sequence numbers from `from` up to but without `to`, extended as their sender counts them. The
   * low 16 bits place them: the window must lie within half a cycle of the newest packet here.
   *
   * @throws {RangeError} if the window holds more numbers than are remembered
   */
  window(owner: PeerId, stream: StreamName, from: number, to: number): WindowReception {
    const nothing = { expected: to - from, received: 0, duplicates: 0, via: new Map<PeerId, number>() };
    return this.#streams.get(owner)?.get(stream)?.window(from, to) ?? nothing;
  }

  /**
   * The longest time without a packet between two moments of the meter's clock, in ms. The whole time if none came; only the
   * arrivals that are remembered count.
   */
  largestGapMs(owner: PeerId, stream: StreamName, fromMs: number, toMs: number): number {
    return this.#streams.get(owner)?.get(stream)?.largestGapMs(fromMs, toMs) ?? toMs - fromMs;
  }

  /**
   * By how much the latest packet of a stream of pictures since a moment of the meter's clock was late, beside those that came soonest, in
   * ms; 0 if none came. Only the arrivals that are remembered count.
   */
  latestMs(owner: PeerId, stream: StreamName, fromMs: number): number {
    return this.#streams.get(owner)?.get(stream)?.latestMs(fromMs) ?? 0;
  }

  /** How a stream of pictures has stood still since its first packet, and whether it does now. */
  freezes(owner: PeerId, stream: StreamName): FreezeTotals {
    return this.#streams.get(owner)?.get(stream)?.freezes(this.#now()) ?? NO_FREEZES;
  }

  /** Forget every stream but these: their owners have left, or show something else. */
  keepOnly(streams: ReadonlyMap<PeerId, ReadonlySet<StreamName>>): void {
    for (const [owner, meters] of this.#streams) {
      const kept = streams.get(owner);
      if (kept === undefined) this.#streams.delete(owner);
      else for (const stream of meters.keys()) if (!kept.has(stream)) meters.delete(stream);
    }
  }

  /** Forget all streams of this peer: it has started anew. */
  forget(owner: PeerId): void {
    this.#streams.delete(owner);
  }

  #meterOf(owner: PeerId, stream: StreamName): StreamMeter {
    const meters = this.#streams.get(owner) ?? new Map<StreamName, StreamMeter>();
    const known = meters.get(stream);
    if (known !== undefined) return known;
    const meter = new StreamMeter(this.#memory);
    this.#streams.set(owner, meters.set(stream, meter));
    return meter;
  }
}
