/**
 * Gives the packets of one numbering after another their place in one that never ends: sequence numbers and timestamps go on
 * where those before ended. What is left out leaves no hole, and what is put in has a number of its own.
 */
import { readSequence, readTimestamp } from './header.ts';
import { RunningTime } from './running-time.ts';
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
  readonly #time: RunningTime;
  #sequenceOffset = 0;
  /** In force since the numbering began, the newest last; what comes late is from before some of them. */
  #shifts: Shift[] = [];
  /** Of the newest packet that went out. */
  #newestSequence: number;

  constructor({ clockRate, firstSequence, firstTimestamp }: Numbering) {
    this.#time = new RunningTime(clockRate, firstTimestamp);
    this.#newestSequence = (firstSequence - 1) & 0xffff;
  }

  /** What is added to timestamps now. */
  get timestampOffset(): number {
    return this.#time.offset;
  }

  /** How far a packet is ahead of the newest one; 0 or less: it comes late, or again. */
  ahead(packet: Uint8Array): number {
    return sequenceDistance(this.#newestSequence, this.#sequenceOf(packet));
  }

  /** Whether a packet is the newest and yet has an earlier timestamp than the one before. */
  goesBack(packet: Uint8Array): boolean {
    return this.ahead(packet) > 0 && this.#time.goesBack(readTimestamp(packet));
  }

  /** Lets another numbering begin with this packet: with the next number, and the timestamp that there would be by now. */
  begin(packet: Uint8Array, nowMs: number): void {
    this.#sequenceOffset = nextSequence(this.#newestSequence) - readSequence(packet);
    this.#shifts = [];
    this.setClock(packet, nowMs);
  }

  /** Lets the timestamps, and not the numbers, begin anew with this packet: with the one that there would be by now. */
  setClock(packet: Uint8Array, nowMs: number): void {
    this.#time.begin(readTimestamp(packet), nowMs);
  }

  /** Writes its place into a packet. */
  number(packet: Uint8Array, nowMs: number): void {
    const sequence = this.#sequenceOf(packet);
    const timestamp = readTimestamp(packet);
    writeSequence(packet, sequence);
    writeTimestamp(packet, this.#time.of(timestamp));
    if (!isNewerSequence(sequence, this.#newestSequence)) return;
    this.#newestSequence = sequence;
    this.#time.came(timestamp, nowMs);
  }

  /** The timestamp that a packet will have. */
  timestampOf(packet: Uint8Array): number {
    return this.#time.of(readTimestamp(packet));
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
