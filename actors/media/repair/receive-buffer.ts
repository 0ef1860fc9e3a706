/**
 * Makes one stream whole and ordered again: packets come over several ways, late or not at all, and players want them in a row. What
 * comes in order is played at once. Before a gap later packets wait, for as long as the missing one is worth waiting for, and it is
 * asked for meanwhile. Pure: it takes `(packet, now)` and says what to play, what to ask for, and when to wake it.
 */
import type { Endpoint } from '../../../infra/path/contract.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { Missing } from './missing.ts';
import { type Latency, Patience } from './patience.ts';

/** A jump beyond this is a new start and no loss or late arrival; a second of 20 Mbit/s. */
const MOST_JUMP = 2000;
/** What may wait at once, in packets: in 3 MB at most. */
const MOST_HELD = 2048;

/** A packet as it came. */
export interface Arrival {
  readonly packet: Uint8Array;
  /** Extended sequence number (RFC 3550 appendix A.1). */
  readonly sequence: number;
  readonly from: Endpoint;
  /** Whose address that is: the stream's owner, or a relay. */
  readonly way: PeerId;
}

/** What follows from an arrival or a wake-up. */
export interface Step {
  /** In this order. The packet that has just come among them is not copied. */
  readonly play: readonly Arrival[];
  /** Extended sequence numbers to ask for, by whom to ask. */
  readonly ask: ReadonlyMap<PeerId, readonly number[]>;
  /** When to call {@link ReceiveBuffer.wake}, on the clock of `now`; infinity: nothing waits. */
  readonly wakeAtMs: number;
}

/** Totals of one stream. */
export interface RepairCounts {
  /** Numbers asked for, each as often as it was. */
  asked: number;
  /** Packets that had been asked for and came in time. */
  recovered: number;
  /** Packets that nobody waits for any more: the player misses them. */
  lost: number;
  /** Of those, packets that came after all, too late to be played. */
  late: number;
}

const NOTHING: Step = { play: [], ask: new Map(), wakeAtMs: Number.POSITIVE_INFINITY };

export class ReceiveBuffer {
  readonly counts: RepairCounts = { asked: 0, recovered: 0, lost: 0, late: 0 };
  readonly #patience: Patience;
  /** Undefined before the first packet. */
  #missing: Missing | undefined;
  /** By extended sequence number: what waits for one before it. */
  readonly #held = new Map<number, Arrival>();
  /** The number to be played next. */
  #next = 0;

  constructor(latency: Latency) {
    this.#patience = new Patience(latency);
  }

  /** A packet has come; each number once, as the packet path delivers them. */
  take(arrival: Arrival, nowMs: number): Step {
    const { sequence, way } = arrival;
    const missing = this.#missing;
    if (missing === undefined || Math.abs(sequence - missing.highest) > MOST_JUMP) return this.#begin(arrival);
    if (sequence < this.#next) {
      this.counts.late++;
      missing.cameTooLate(sequence, way, nowMs);
      return this.#step(missing, [], nowMs);
    }
    if (missing.arrived(sequence, way, nowMs)) this.counts.recovered++;
    if (sequence > this.#next) {
      this.#held.set(sequence, { ...arrival, packet: new Uint8Array(arrival.packet) });
      return this.#step(missing, [], nowMs);
    }
    this.#next++;
    return this.#step(missing, [arrival], nowMs);
  }

  /** Time has passed. */
  wake(nowMs: number): Step {
    return this.#missing === undefined ? NOTHING : this.#step(this.#missing, [], nowMs);
  }

  /** The stream starts, or starts anew: what waits is played, what is missing is forgotten. */
  #begin(arrival: Arrival): Step {
    const waiting = [...this.#held.values()].sort((a, b) => a.sequence - b.sequence);
    this.counts.lost += this.#missing?.size ?? 0;
    this.#held.clear();
    this.#missing = new Missing(this.#patience, arrival.sequence, arrival.way);
    this.#next = arrival.sequence + 1;
    return { ...NOTHING, play: [...waiting, arrival] };
  }

  #step(missing: Missing, play: Arrival[], nowMs: number): Step {
    // What is missing stands before something that waits for it.
    if (this.#held.size === 0) return { ...NOTHING, play };
    this.#release(missing, play, nowMs);
    const ask = missing.due(nowMs);
    for (const sequences of ask.values()) this.counts.asked += sequences.length;
    const untilMs = missing.size === 0 ? Number.POSITIVE_INFINITY : missing.deadlineMs(this.#next, nowMs);
    return { play, ask, wakeAtMs: Math.min(untilMs, missing.nextAskMs(nowMs)) };
  }

  /** Plays what waits, up to the first number that is worth waiting for. */
  #release(missing: Missing, play: Arrival[], nowMs: number): void {
    for (; this.#next <= missing.highest; this.#next++) {
      const held = this.#held.get(this.#next);
      if (held !== undefined) {
        this.#held.delete(this.#next);
        play.push(held);
        continue;
      }
      if (missing.deadlineMs(this.#next, nowMs) > nowMs && this.#held.size <= MOST_HELD) return;
      missing.giveUp(this.#next);
      this.counts.lost++;
    }
  }
}
