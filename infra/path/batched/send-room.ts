/** How full the socket's send buffer is, asked of the kernel only when it matters. */
import { type Libc, POLLOUT, SIOCOUTQ } from './libc.ts';

/** Of the send buffer, how much video may fill. The rest is for audio, which is small and must not wait. */
const VIDEO_SHARE = 0.75;

/** How long a sender stands still for room, in ms: 60 kB more at 100 Mbit/s. */
const FULL_WAIT_MS = 5;

/** After the buffer was full, it is watched for so many batches: some seconds of traffic. */
const WATCHED_BATCHES = 1000;

export class SendRoom {
  readonly #libc: Pick<Libc, 'ioctl' | 'poll'>;
  readonly #descriptor: number;
  readonly #mostVideoBytes: number;
  readonly #waiting = new Int32Array(1);
  readonly #polled = new Int32Array(2);
  #watched = 0;

  /** @param bufferBytes the socket's SO_SNDBUF, as the kernel reports it */
  constructor(libc: Pick<Libc, 'ioctl' | 'poll'>, descriptor: number, bufferBytes: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#mostVideoBytes = VIDEO_SHARE * bufferBytes;
  }

  /** The kernel has refused a datagram for lack of room. */
  noteFull(): void {
    this.#watched = WATCHED_BATCHES;
  }

  /** Waits a moment for the kernel to have room again. */
  waitForRoom(): boolean {
    this.#polled[0] = this.#descriptor;
    this.#polled[1] = POLLOUT;
    return this.#libc.poll(this.#polled, 1, FULL_WAIT_MS) > 0;
  }

  hasRoomForVideo(): boolean {
    if (this.#watched === 0) return true;
    this.#watched--;
    // A socket that does not say how much is waiting is taken to have room: the send itself will tell.
    if (this.#libc.ioctl(this.#descriptor, SIOCOUTQ, this.#waiting) !== 0) return true;
    return (this.#waiting[0] ?? 0) <= this.#mostVideoBytes;
  }
}
