/**
 * The clocks of the programs that feed our streams, against our own. A program's sender reports tie RTP time to its own wall clock,
 * which may be any: what counts is that streams of one clock keep their places to each other (RFC 3550 section 6.4.1).
 */
import { MAX_STREAMS } from '../../../machines/messages.ts';

/** A clock that has moved by this much against ours has been set; below that it was the report that came late. In ms. */
const SET_MS = 500;
/** Each stream has one program at a time, and of those that went some may come back. */
const MOST_CLOCKS = 2 * MAX_STREAMS;

export class ProgramClocks {
  /** By the program's CNAME: what to add to its time to get ours, in ms. */
  readonly #offsets = new Map<string, number>();

  /**
   * When a program's report was made, by our monotonic clock.
   *
   * @param cname whose clock it is; empty where the program does not say
   * @param unixMs the moment by the program's clock
   */
  momentOf(cname: string, unixMs: number, nowMs: number): number {
    const known = this.#offsets.get(cname);
    const offset = nowMs - unixMs;
    if (known !== undefined && Math.abs(offset - known) < SET_MS) return unixMs + known;
    this.#offsets.delete(cname);
    this.#offsets.set(cname, offset);
    if (this.#offsets.size > MOST_CLOCKS) this.#offsets.delete(this.#offsets.keys().next().value ?? '');
    return nowMs;
  }
}
