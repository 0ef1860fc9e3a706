/** What the forwarders of `npm run bench:relay` are given to do. */

/** Sources whose packets are mixed, as in a call with as many cameras. */
export const SOURCES = 40;
export const RECEIVERS = 4;
/** Of a packet, in bytes: what ffmpeg and browsers make of video. */
export const PACKET_BYTES = 1200;

export const LOADS = ['steady', 'frames', 'saturation'] as const;
export type Load = (typeof LOADS)[number];

/** Packets that come together, and how long after the last ones. */
export interface Pace {
  readonly burst: number;
  readonly everyMs: number;
  /** Sent as one GSO message: it takes the sender half as long, which it needs to be faster than the forwarders. */
  readonly asOne: boolean;
}

/** 5,000 packets a second, one by one. */
const STEADY: Pace = { burst: 1, everyMs: 0.2, asOne: false };
/** A frame of 12 packets every 33 ms from each source, the sources evenly spread. */
const FRAMES: Pace = { burst: 12, everyMs: 33 / SOURCES, asOne: false };
/** More than any forwarder takes. */
const SATURATION: Pace = { burst: 48, everyMs: 0, asOne: true };

export function paceOf(load: Load): Pace {
  return { steady: STEADY, frames: FRAMES, saturation: SATURATION }[load];
}

/** `perSecond` packets in bursts of 12, as frames come. */
export function paceAt(perSecond: number): Pace {
  return { burst: 12, everyMs: 12_000 / perSecond, asOne: true };
}

export function ssrcOf(source: number): number {
  return 0x5eed_0000 + source;
}
