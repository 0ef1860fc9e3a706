/** When a player can show the first picture of a video stream: when all of a key frame has come. */
import type { Seen } from './whole-frames.ts';

/** A packet, and whether a key frame begins with it. */
export interface SeenStart extends Seen {
  readonly startsKeyFrame: boolean;
}

/** What has come of a frame. */
interface Frame {
  readonly sequences: Set<number>;
  start: number | null;
  end: number | null;
}

export class FirstPicture {
  /** By timestamp. */
  readonly #frames = new Map<number, Frame>();

  /** A packet has come. @returns whether the frame that it belongs to is a key frame, and whole by now */
  take({ sequence, timestamp, marker, startsKeyFrame }: SeenStart): boolean {
    const frame = this.#frames.get(timestamp) ?? { sequences: new Set(), start: null, end: null };
    this.#frames.set(timestamp, frame);
    frame.sequences.add(sequence);
    if (startsKeyFrame) frame.start = sequence;
    if (marker) frame.end = sequence;
    return frame.start !== null && frame.end !== null && frame.sequences.size === frame.end - frame.start + 1;
  }
}
