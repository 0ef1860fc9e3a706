/**
 * Others' clocks against our own: of the programs that feed our streams, of the members whose streams a page shows. Sender reports tie
 * RTP time to their sender's wall clock, which may be any: what counts is that streams of one clock keep their places to each other
 * (RFC 3550 section 6.4.1).
 */
import { MAX_STREAMS } from '../../../machines/messages.ts';

/** A clock that has moved by this much against ours has been set; below that it was the report that came late. In ms. */
const SET_MS = 500;
/** Of our own streams each has one program at a time, and of those that went some may come back. */
const MOST_CLOCKS = 2 * MAX_STREAMS;

export class ProgramClocks {
  readonly #most: number;
  /** By whose clock it is: what to add to its time to get ours, in ms. */
  readonly #offsets = new Map<string, number>();

  /** @param most clocks that are remembered: the newest */
  constructor(most = MOST_CLOCKS) {
    this.#most = most;
  }

  /**
   * When a report was made, by our monotonic clock.
   *
   * @param cname whose clock it is; empty where nobody says
   * @param unixMs the moment by that clock
   */
  momentOf(cname: string, unixMs: number, nowMs: number): number {
    const known = this.#offsets.get(cname);
    const offset = nowMs - unixMs;
    if (known !== undefined && Math.abs(offset - known) < SET_MS) return unixMs + known;
    this.#offsets.delete(cname);
    this.#offsets.set(cname, offset);
    if (this.#offsets.size > this.#most) this.#offsets.delete(this.#offsets.keys().next().value ?? '');
    return nowMs;
  }
}
