/** Decoded video of two receivers compared by what is in the frames (ffmpeg's framemd5). */

export interface FrameComparison {
  /** Frames in the stretch that both receivers decoded. */
  readonly compared: number;
  readonly equal: number;
}

/** A line of framemd5: stream, dts, pts, duration, size, hash. Lines with # describe the stream. */
const FRAME = /^\s*\d+,(?:[^,]*,){4}\s*([0-9a-f]{32})\s*$/;

/** The hashes of a framemd5 file, in the order of the frames; a last line cut short is left out. */
export function frameHashes(framemd5: string): string[] {
  return framemd5.split('\n').flatMap((line) => FRAME.exec(line)?.[1] ?? []);
}

/**
 * Compares what two receivers decoded. Each starts its clock at the first packet it got, so their timestamps differ:
 * the first frame that both have puts the two in step. What comes before it was decoded without a keyframe.
 */
export function compareFrames(relayed: readonly string[], direct: readonly string[]): FrameComparison {
  const places = new Map(direct.map((hash, place) => [hash, place] as const).reverse());
  const start = relayed.findIndex((hash) => places.has(hash));
  const offset = places.get(relayed[start] ?? '');
  if (offset === undefined) return { compared: 0, equal: 0 };
  const compared = Math.min(relayed.length - start, direct.length - offset);
  const stretch = relayed.slice(start, start + compared);
  return { compared, equal: stretch.filter((hash, place) => hash === direct[offset + place]).length };
}
