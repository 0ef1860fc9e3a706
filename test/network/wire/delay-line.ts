/** One direction of a wire: packets come out in their order, later by its delay, if they are not lost. Knows no clock. */
import { seededRandom } from '../../planning/rooms.ts';

/** What waits on one direction of a wire, in packets: half a second of 20,000 a second. More is lost, as in a router's queue. */
const MOST_WAITING = 10_000;

export interface Conditions {
  /** One way, in ms. */
  readonly delayMs: number;
  /** Share of UDP datagrams that are lost at random, 0..1; TCP, by which one speaks with NATS, loses nothing. */
  readonly loss: number;
}

interface Waiting {
  readonly dueMs: number;
  readonly packet: Buffer;
}

export class DelayLine {
  conditions: Conditions;
  readonly #random: () => number;
  #waiting: Waiting[] = [];
  /** The first that still waits; what came before is gone. */
  #first = 0;

  constructor(conditions: Conditions, seed: number) {
    this.conditions = conditions;
    this.#random = seededRandom(seed);
  }

  /** A packet goes in. It is copied. */
  put(packet: Buffer, nowMs: number): void {
    if (isUdp(packet) && this.#random() < this.conditions.loss) return;
    if (this.#waiting.length - this.#first >= MOST_WAITING) return;
    this.#waiting.push({ dueMs: nowMs + this.conditions.delayMs, packet: Buffer.from(packet) });
  }

  /** The next packet that is to come out by now. */
  take(nowMs: number): Buffer | undefined {
    const next = this.#waiting[this.#first];
    if (next === undefined || next.dueMs > nowMs) return undefined;
    this.#first++;
    if (this.#first === this.#waiting.length) {
      this.#waiting = [];
      this.#first = 0;
    }
    return next.packet;
  }

  /** When the next packet comes out; `Infinity` if none waits. */
  get dueMs(): number {
    return this.#waiting[this.#first]?.dueMs ?? Number.POSITIVE_INFINITY;
  }
}

const UDP = 17;

/** Of an IP packet without extension headers, which our programs do not send. */
function isUdp(packet: Buffer): boolean {
  const version = (packet[0] ?? 0) >> 4;
  return packet[version === 6 ? 6 : 9] === UDP;
}
