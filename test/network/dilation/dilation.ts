/**
 * Time that passes slower than it does, for a room that needs more processors than there are (Gupta et al., "To Infinity and Beyond:
 * Time-Warped Network Emulation", NSDI 2006): where a second of the room takes four, two processors do the work of eight. Its programs'
 * clocks are slowed, and what they meet is slowed alike: lines carry a fourth as much, ways take four times as long.
 */
import { setTimeout as realDelay } from 'node:timers/promises';

const CLOCK = new URL('./slow-clock.js', import.meta.url);
const MILLION = 1e6;

export class Dilation {
  readonly factor: number;
  readonly #startMs = Date.now();

  /** @param factor how many times as long all takes */
  constructor(factor: number) {
    this.factor = factor;
  }

  /** Time passes slower in it than it does. */
  get isSlowed(): boolean {
    return this.factor !== 1;
  }

  /** What makes a Node program live in it. */
  get env(): NodeJS.ProcessEnv {
    if (!this.isSlowed) return {};
    const [factor, start] = [String(this.factor), String(this.#startMs)];
    return { NODE_OPTIONS: `--import=${CLOCK}`, RPR_DILATION: factor, RPR_DILATION_START: start };
  }

  /** More options of a peer that lives in it: its packets are timed by Node's clock alone, and not by the kernel's, which is not slowed. */
  get peerOptions(): readonly string[] {
    return this.isSlowed ? ['--packet-path', 'dgram'] : [];
  }

  /** The time of one program in it whose clock goes wrong by so many millionths: it says that more has passed than has. */
  skewed(ppm: number): Dilation {
    return ppm === 0 ? this : new Dilation(this.factor / (1 + ppm / MILLION));
  }

  /** A clock in it, in ms. */
  nowMs(): number {
    return performance.now() / this.factor;
  }

  /** What programs that live in it take for the time of day, in ms since the Unix epoch. */
  epochMs(): number {
    return this.#startMs + (performance.timeOrigin + performance.now() - this.#startMs) / this.factor;
  }

  /** What {@link nowMs} said when programs that live in it had this time of day, in ms since the Unix epoch. */
  fromEpoch(atMs: number): number {
    const startMs = (this.#startMs - performance.timeOrigin) / this.factor;
    return startMs + atMs - this.#startMs;
  }

  /** Waits for so long in it, in ms. */
  async delay(ms: number, signal: AbortSignal): Promise<void> {
    await realDelay(this.factor * ms, undefined, { signal });
  }

  /** How long something takes in truth that takes so long in it. */
  realMs(ms: number): number {
    return this.factor * ms;
  }

  /** What a line has to carry in truth that carries so much in it. */
  realBps(bps: number): number {
    return bps / this.factor;
  }
}

/** Time as it is. */
export const REAL_TIME = new Dilation(1);
