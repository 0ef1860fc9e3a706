/** How late the pictures of a decoder are, beside those that it showed when nothing was wrong. */
import { median } from '../../median.ts';

/** A frame that a decoder has put out. */
export interface ShownFrame {
  /** By the stream's own clock, from its beginning. In ms. */
  readonly momentMs: number;
  readonly shownMs: number;
}

export interface LateFrames {
  /** By how much the latest frame was late, in ms. */
  readonly latestMs: number;
  /** Share of the frames between the first and the last that were shown. */
  readonly shown: number;
}

/**
 * @param usual frames of before: their median is what is usual
 * @param frames in the order in which they were shown
 * @param frameMs how far two frames in a row are apart
 * @throws {RangeError} where there are none of either
 */
export function latenessOf(usual: readonly ShownFrame[], frames: readonly ShownFrame[], frameMs: number): LateFrames {
  const first = frames[0];
  const last = frames.at(-1);
  if (usual.length === 0 || first === undefined || last === undefined) throw new RangeError('No picture was shown.');
  const usualMs = median(usual.map(delayOf));
  const expected = Math.round((last.momentMs - first.momentMs) / frameMs) + 1;
  return { latestMs: Math.max(...frames.map(delayOf)) - usualMs, shown: frames.length / expected };
}

function delayOf({ momentMs, shownMs }: ShownFrame): number {
  return shownMs - momentMs;
}
