/**
 * Packets that are to be sent again, at a pace. A dead relay has swallowed a fifth of a second for many receivers: all of
 * that at once would fill the queue of a home router, and what is new would come late or be dropped there.
 */
import type { Endpoint } from '../infra/path/contract.ts';
import { sequenceDistance } from '../infra/rtp/sequence.ts';
import type { Clock } from './clock.ts';

/** Timers fire late by some milliseconds; this much is made up for, and no stall beyond it. */
const MOST_LATE_MS = 10;

/** What has waited this long is no longer stored, and no player waits for it. */
const GIVEN_UP_MS = 1000;

/** One packet of an own source, by its 16-bit sequence number, to one first hop. */
export interface Again {
  readonly ssrc: number;
  readonly sequence: number;
  readonly to: Endpoint;
}

interface Waiting extends Again {
  readonly key: string;
  readonly sinceMs: number;
}

export interface ResendQueueOptions {
  readonly clock: Clock;
  /** Sends it, and tells how many bits that were: 0 if it is no longer stored. */
  readonly send: (packet: Again) => number;
}

export class ResendQueue {
  readonly #options: ResendQueueOptions;
  /** In the order in which they are sent: oldest first, which is what players wait for. */
  #waiting: Waiting[] = [];
  #rateBps = 0;
  /** What has been sent ahead of the pace, in bit, at {@link #atMs}. */
  #aheadBits = 0;
  #atMs: number;
  #cancel: () => void = () => undefined;

  constructor(options: ResendQueueOptions) {
    this.#options = options;
    this.#atMs = options.clock.now();
  }

  /** From now on at most so many bit/s are sent again; 0: nothing. */
  pace(rateBps: number): void {
    if (rateBps === this.#rateBps) return;
    this.#passTime();
    this.#rateBps = rateBps;
    this.#wait();
  }

  /** Sends these as soon as the pace allows; what waits already is not sent twice. */
  add(packets: Iterable<Again>): void {
    const nowMs = this.#options.clock.now();
    const waiting = this.#waiting.filter(({ sinceMs }) => nowMs - sinceMs < GIVEN_UP_MS);
    const known = new Set(waiting.map(({ key }) => key));
    for (const packet of packets) {
      const key = `${packet.ssrc} ${packet.sequence} ${packet.to.host} ${packet.to.port}`;
      if (!known.has(key)) waiting.push({ ...packet, key, sinceMs: nowMs });
    }
    this.#waiting = waiting.sort((a, b) => sequenceDistance(b.sequence, a.sequence));
    this.#sendDue();
  }

  stop(): void {
    this.#waiting = [];
    this.#cancel();
  }

  readonly #sendDue = (): void => {
    this.#passTime();
    while (this.#rateBps > 0 && this.#aheadBits <= 0) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#aheadBits += this.#options.send(next);
    }
    this.#wait();
  };

  #passTime(): void {
    const nowMs = this.#options.clock.now();
    const bitsPerMs = this.#rateBps / 1000;
    this.#aheadBits = Math.max(this.#aheadBits - bitsPerMs * (nowMs - this.#atMs), -bitsPerMs * MOST_LATE_MS);
    this.#atMs = nowMs;
  }

  #wait(): void {
    this.#cancel();
    if (this.#waiting.length === 0 || this.#rateBps <= 0) return;
    const waitMs = (1000 * this.#aheadBits) / this.#rateBps;
    this.#cancel = this.#options.clock.after(Math.max(0, Math.ceil(waitMs)), this.#sendDue);
  }
}
