/** What every case of the media benchmark is, and what it tells. */

/** One run, or the medians of several; null: the case does not measure that. */
export interface Figures {
  /** Share of the packets of the stream that came to the player, 0..1. */
  readonly delivered: number | null;
  /** Share of the frames of which every packet came; of a decoder, that it put out. */
  readonly framesWhole: number | null;
  /** From when the owner knows of a late joiner to the joiner's first whole key frame, in ms. */
  readonly joinToPictureMs: number | null;
  /** How far voice and camera of one peer are apart at the player, 95th percentile, in ms. */
  readonly skewMs: number | null;
  /** By how much the latest decoded frame is late beside what is usual, in ms. */
  readonly lateFrameMs: number | null;
}

export interface MediaCase {
  readonly name: string;
  /** What happens in it, for `--help`. */
  readonly about: string;
  /** Plays it once. @throws {Error} where the machine lacks what it needs */
  run(): Promise<Figures>;
}

export const UNMEASURED: Figures = {
  delivered: null,
  framesWhole: null,
  joinToPictureMs: null,
  skewMs: null,
  lateFrameMs: null,
};
