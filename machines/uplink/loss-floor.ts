/** What a leg loses though its uplink has room: a radio, a bad cable. It is no sign of a full line, and nobody else pays for it. */
import type { Slot } from './slots.ts';

type Told = Pick<Slot, 'packets' | 'told' | 'lost'>;

const SECONDS = 11;
const SETTLED = 3;
const SECOND_MS = 1000;
/** A line that loses more than this of itself is not distinguished from a full one. */
const MOST = 0.1;
/** Fewer packets in a second say nothing about a share. */
const LEAST_PACKETS = 8;

export class LossFloor {
  #values: number[] = [];
  #packets = 0;
  #told = 0;
  #lost = 0;
  #untilMs: number | undefined;
  #floor: number | undefined;

  /** Of all packets of the leg; undefined before a first second has been seen. */
  get share(): number | undefined {
    return this.#floor;
  }

  /** Enough seconds have been seen that chance is not taken for what it loses. */
  get isSettled(): boolean {
    return this.#values.length >= SETTLED;
  }

  /** What left while nothing waited in the uplink. */
  take({ packets, told, lost }: Told, nowMs: number): void {
    this.#untilMs ??= nowMs + SECOND_MS;
    this.#packets += packets;
    this.#told += told;
    this.#lost += lost;
    if (nowMs < this.#untilMs || this.#packets < LEAST_PACKETS) return;
    this.#add(this.#lost / this.#told);
    [this.#packets, this.#told, this.#lost, this.#untilMs] = [0, 0, 0, nowMs + SECOND_MS];
  }

  /** Sending less has not made it less: it is none of ours. */
  accept(share: number): void {
    this.#values = new Array<number>(SETTLED - 1).fill(Math.min(MOST, share));
    this.#add(share);
  }

  #add(share: number): void {
    this.#values = [...this.#values, Math.min(MOST, share)].slice(-SECONDS);
    const sorted = [...this.#values].sort((a, b) => a - b);
    this.#floor = sorted[Math.floor(sorted.length / 2)];
  }
}
