/**
 * Gives the packets of one numbering after another their place in one that never ends: sequence numbers and timestamps go on
 * where those before ended. What is left out leaves no hole, and what is put in has a number of its own.
 */
import { readSequence, readTimestamp } from './header.ts';
import { isNewerSequence, nextSequence, sequenceDistance } from './sequence.ts';
import { writeSequence, writeTimestamp } from './write.ts';

export interface Numbering {
  /** Ticks of the timestamp in a second. */
  readonly clockRate: number;
  /** Of the first packet that goes out. */
  readonly firstSequence: number;
  readonly firstTimestamp: number;
}

/** From a number of theirs on, ours are so many further ahead or behind. */
interface Shift {
  readonly from: number;
  readonly by: number;
}

/** A packet that is late by more changes than this gets a number that is off by the rest. */
const MAX_SHIFTS = 64;

export class Renumbering {
  readonly #clockRate: number;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  /** In force since the numbering began, the newest last; what comes late is from before some of them. */
  #shifts: Shift[] = [];
  /** Of the newest packet that went out. */
  #newestSequence: number;
  #newestTimestamp: number;
  #newestAtMs: number | null = null;

  constructor({ clockRate, firstSequence, firstTimestamp }: Numbering) {
    this.#clockRate = clockRate;
    this.#newestSequence = (firstSequence - 1) & 0xffff;
    this.#newestTimestamp = firstTimestamp;
  }

  /** What is added to timestamps now. */
  get timestampOffset(): number {
    return this.#timestampOffset;
  }

  /** How far a packet is ahead of the newest one; 0 or less: it comes late, or again. */
  ahead(packet: Uint8Array): number {
    return sequenceDistance(this.#newestSequence, this.#sequenceOf(packet));
  }

  /** Whether a packet is the newest and yet has an earlier timestamp than the one before. */
  goesBack(packet: Uint8Array): boolean {
    if (this.#newestAtMs === null || this.ahead(packet) <= 0) return false;
    return ((this.timestampOf(packet) - this.#newestTimestamp) | 0) < 0;
  }

  /** Lets another numbering begin with this packet: with the next number, and the timestamp that there would be by now. */
  begin(packet: Uint8Array, nowMs: number): void {
    this.#sequenceOffset = nextSequence(this.#newestSequence) - readSequence(packet);
    this.#shifts = [];
    this.setClock(packet, nowMs);
  }

  /** Lets the timestamps, and not the numbers, begin anew with this packet: with the one that there would be by now. */
  setClock(packet: Uint8Array, nowMs: number): void {
    const pause = this.#newestAtMs === null ? 0 : ((nowMs - this.#newestAtMs) * this.#clockRate) / 1000;
    const ticks = this.#newestAtMs === null ? 0 : Math.max(1, Math.round(pause));
    this.#timestampOffset = this.#newestTimestamp + ticks - readTimestamp(packet);
  }

  /** Writes its place into a packet. */
  number(packet: Uint8Array, nowMs: number): void {
    const sequence = this.#sequenceOf(packet);
    const timestamp = this.timestampOf(packet);
    writeSequence(packet, sequence);
    writeTimestamp(packet, timestamp);
    if (this.#newestAtMs !== null && !isNewerSequence(sequence, this.#newestSequence)) return;
    this.#newestSequence = sequence;
    this.#newestTimestamp = timestamp;
    this.#newestAtMs = nowMs;
  }

  /** The timestamp that a packet will have. */
  timestampOf(packet: Uint8Array): number {
    return (readTimestamp(packet) + this.#timestampOffset) >>> 0;
  }

  /** A packet that is left out: those behind it move up. For a late one it is too late. */
  skip(packet: Uint8Array): void {
    if (this.ahead(packet) > 0) this.#shift({ from: nextSequence(readSequence(packet)), by: -1 });
  }

  /** Makes room for a packet of ours before this one, which is the newest. @returns its sequence number */
  insertBefore(packet: Uint8Array): number {
    const sequence = this.#sequenceOf(packet);
    this.#shift({ from: readSequence(packet), by: 1 });
    return sequence;
  }

  #shift(shift: Shift): void {
    this.#sequenceOffset += shift.by;
    this.#shifts.push(shift);
    if (this.#shifts.length > MAX_SHIFTS) this.#shifts.shift();
  }

  #sequenceOf(packet: Uint8Array): number {
    const sequence = readSequence(packet);
    let offset = this.#sequenceOffset;
    for (let at = this.#shifts.length - 1; at >= 0; at--) {
      const shift = this.#shifts[at];
      if (shift === undefined || sequenceDistance(sequence, shift.from) <= 0) break;
      offset -= shift.by;
    }
    return (sequence + offset) & 0xffff;
  }
}
