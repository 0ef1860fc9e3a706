/**
 * When the kernel took a datagram from the network (SO_TIMESTAMPNS, socket(7)), as control data of `recvmmsg`. A reader that is late, on a
 * computer that has other things to do, reads late; what it read would look like a full line.
 *
 * The kernel's time is the time of day, which may be set. So of a datagram only its age is read, and that is no more than the time for
 * which it can have waited.
 */
import { CLOCK_REALTIME, type Libc, SO_TIMESTAMPNS, SOL_SOCKET } from './libc.ts';

/** Words of a `struct timespec`: seconds and nanoseconds, each of 64 bits, the lower half first. */
const TIMESPEC_WORDS = 4;
const NANOSECONDS = 2;
/** Longer, and nobody wants to know how much. In ms. */
const MOST_MS = 2_000;

/** From now on the kernel says so of each datagram. */
export function askForArrivalTimes(libc: Pick<Libc, 'setsockopt'>, descriptor: number): boolean {
  return libc.setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, Int32Array.of(1), 4) === 0;
}

export class ArrivalTimes {
  readonly #libc: Pick<Libc, 'clock_gettime'>;
  readonly #now = new Int32Array(TIMESPEC_WORDS);
  #nowMs = 0;
  /** What comes next has come since. */
  #emptiedAtMs = Number.NEGATIVE_INFINITY;
  #mostAgeMs = 0;

  constructor(libc: Pick<Libc, 'clock_gettime'>) {
    this.#libc = libc;
  }

  /**
   * Some datagrams have been read.
   *
   * @param now the monotonic clock that ages are counted from, in ms
   * @param isAll whether no more were waiting
   * @returns what that clock says
   */
  read(now: () => number, isAll: boolean): number {
    this.#libc.clock_gettime(CLOCK_REALTIME, this.#now);
    // Read last: whoever is held up between the two takes all for younger than it is. For older would make ways shorter than they are.
    const nowMs = now();
    this.#nowMs = nowMs;
    this.#mostAgeMs = Math.max(0, Math.min(MOST_MS, nowMs - this.#emptiedAtMs));
    if (isAll) this.#emptiedAtMs = nowMs;
    return nowMs;
  }

  /**
   * When one of them came, by the monotonic clock.
   *
   * @param at where in `control` its `struct timespec` is, in words
   */
  atMs(control: Int32Array, at: number): number {
    const seconds = ((this.#now[0] ?? 0) - (control[at] ?? 0)) | 0;
    const nanoseconds = (this.#now[NANOSECONDS] ?? 0) - (control[at + NANOSECONDS] ?? 0);
    const ageMs = 1000 * seconds + nanoseconds / 1e6;
    return this.#nowMs - Math.max(0, Math.min(this.#mostAgeMs, ageMs));
  }
}
