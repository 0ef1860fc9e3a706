/** What the main thread and the forwarding thread tell each other. */
import type { MessagePort } from 'node:worker_threads';

/** Words of the memory that both threads see. */
export const CONTROL = {
  /** 1: leave. */
  STOP: 0,
  /** Counts changes of the table; a higher one than last time means that changes wait at the port. */
  GENERATION: 1,
  /** 1: the socket is yours, begin. */
  GO: 2,
} as const;

export const CONTROL_BYTES = 4 * 3;

/** Given to the thread when it starts. */
export interface ThreadStart {
  readonly descriptor: number;
  readonly ipv6: boolean;
  /** Whether it is bound to all of the machine's addresses, and not to one. */
  readonly anyAddress: boolean;
  /** SO_SNDBUF in bytes. */
  readonly sendBufferBytes: number;
  readonly control: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
  /** Of a `PacketLog`. */
  readonly log: SharedArrayBuffer;
  /** Of a `Pace`. */
  readonly pace: SharedArrayBuffer;
  /** Each message is a `TableChange`. */
  readonly tables: MessagePort;
  /** What to add to `process.hrtime`, in ms, to get the path's clock. */
  readonly clockOffsetMs: number;
}

/** From the thread. `ready`: it has passed its self-test and waits for GO. `wake`: look into the ring. */
export type ThreadMessage = 'ready' | 'wake';

/** The monotonic clock that all threads share, in ms. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
