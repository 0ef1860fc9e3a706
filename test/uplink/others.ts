/** Who else sends through the line: a program at a constant rate, and a transfer by TCP (CUBIC, RFC 9438) as far as a queue feels it. */
import type { VirtualClock } from '../simulation/world/clock.ts';
import type { Line } from './line.ts';

const PACKET_BYTES = 1200;

/** Sends so much until the returned function is called. */
export function program(line: Line, clock: VirtualClock, bps: number): () => void {
  let isOver = false;
  const send = () => {
    if (isOver) return;
    line.take(PACKET_BYTES, clock.now());
    clock.setTimeout(send, (8000 * PACKET_BYTES) / bps);
  };
  send();
  return () => {
    isOver = true;
  };
}

const CUBIC = 0.4;
const BETA = 0.7;
const FIRST_WINDOW = 10;

/** One long transfer: its window grows as CUBIC's does, and each loss is one event a round trip. */
export class Transfer {
  delivered = 0;
  readonly #line: Line;
  readonly #clock: VirtualClock;
  readonly #roundTripMs: number;
  /** In packets. */
  #window = FIRST_WINDOW;
  #inFlight = 0;
  #before = 0;
  #epochMs = 0;
  #isSlowStart = true;

  constructor(line: Line, clock: VirtualClock, roundTripMs: number) {
    this.#line = line;
    this.#clock = clock;
    this.#roundTripMs = roundTripMs;
    this.#fill();
  }

  #fill(): void {
    while (this.#inFlight < this.#window) {
      const waitMs = this.#line.take(PACKET_BYTES, this.#clock.now());
      this.#inFlight += 1;
      const told = waitMs === undefined ? () => this.#lost() : () => this.#acknowledged();
      this.#clock.setTimeout(told, this.#roundTripMs + (waitMs ?? this.#line.queueMs(this.#clock.now())));
      // After a loss the rest of the window waits for it to be told.
      if (waitMs === undefined) return;
    }
  }

  #acknowledged(): void {
    this.#inFlight -= 1;
    this.delivered += PACKET_BYTES;
    if (this.#isSlowStart) this.#window += 1;
    else {
      const seconds = (this.#clock.now() - this.#epochMs) / 1000;
      const back = Math.cbrt((this.#before * (1 - BETA)) / CUBIC);
      const aim = this.#before + CUBIC * (seconds - back) ** 3;
      this.#window += Math.max(0, Math.min(0.5 * this.#window, aim - this.#window)) / this.#window;
    }
    this.#fill();
  }

  #lost(): void {
    this.#inFlight -= 1;
    const nowMs = this.#clock.now();
    if (this.#isSlowStart || nowMs - this.#epochMs > this.#roundTripMs) {
      this.#before = this.#window;
      this.#window = Math.max(2, BETA * this.#window);
      this.#epochMs = nowMs;
      this.#isSlowStart = false;
    }
    this.#fill();
  }
}
