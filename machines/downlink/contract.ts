/**
 * What the controller of a downlink is told, and what it answers. All times are milliseconds of one monotonic clock of the process that
 * names them: those of two processes are never compared, only their differences. Rates are bit/s, sizes bytes with UDP and IP headers.
 */
import type { PeerId } from '../messages.ts';

/** A packet of media or of padding has come. */
export interface Came {
  /** Undefined: from whoever speaks no RPR. */
  readonly from: PeerId | undefined;
  readonly bytes: number;
  readonly atMs: number;
}

/** A report has come that tells when it was written: how much later than others it comes is what it waited. */
export interface Written {
  readonly from: PeerId;
  /** By its writer's clock, unwrapped. */
  readonly writtenAtMs: number;
  readonly atMs: number;
}

/** What the room could make of the downlink. */
export interface DownlinkDemand {
  /** All that members show and we want, each at its best: a limit above it is none. */
  readonly wantBps: number;
  /** Of it what no limit may take: audio. */
  readonly audioBps: number;
}

export interface DownlinkState {
  /** What the line carried when it was full last; undefined: it has not been seen full, or has room for all that is wanted. */
  readonly capacityBps: number | undefined;
  /** What is asked for at most: down at once, up a little at a time; undefined: all that is wanted. */
  readonly publishedBps: number | undefined;
  /** What waits in front of it. */
  readonly queueMs: number;
  /** So much that it must be acted on. */
  readonly isFull: boolean;
}
