/**
 * Which streams of the room a track of the page is. A camera is two: its layers, of which each receiver gets the one that fits its
 * tile and the uplink.
 */

import type { ShownStream } from '../call/own-stream.ts';
import type { StreamFormat } from '../options/contract.ts';
import { LEAST_BPS } from '../options/values.ts';
import type { SentTrack, TrackName } from './messages.ts';

/** What the call shows of a page. */
export type PageStream = ShownStream & { readonly track: TrackName };

/** A track of the page that was offered and answered. */
export type AnsweredTrack = SentTrack & { readonly format: StreamFormat };

/** A voice by Opus needs 32 kbit/s, and RTP headers of 50 packets a second are 5 more. */
const VOICE_BPS = 40_000;
/** Music and films, in stereo. */
const SCREEN_SOUND_BPS = 100_000;
/** 320 x 180 is a tile of a full grid. */
const SMALL = { minBps: 60_000, maxBps: 200_000 } as const;
/** 1280 x 720 at 30 frames a second; below the least a picture of that size is worse than the small one. */
const LARGE = { minBps: 500_000, maxBps: 1_500_000 } as const;
/** A camera whose page sends one encoding. */
const SINGLE = { minBps: SMALL.minBps, maxBps: LARGE.maxBps } as const;
/** Text has to be sharp, and changes seldom. */
const SCREEN = { minBps: 150_000, maxBps: 2_500_000 } as const;

const alone = { group: null, layer: 0 } as const;
const fixed = (bps: number) => ({ minBps: bps, maxBps: bps });

/**
 * The streams of a track, in the order of its layers: the smallest first.
 *
 * @param layers how many encodings the page sends of it: none is one without a name
 */
function streamsOf(track: TrackName, layers: number, format: StreamFormat): readonly PageStream[] {
  switch (track) {
    case 'voice':
      return [{ track, name: 'voice', format, bitrate: fixed(VOICE_BPS), ...alone }];
    case 'screen':
      return [{ track, name: 'screen', format, bitrate: SCREEN, ...alone }];
    case 'screen-sound':
      return [{ track, name: 'screen-sound', format, bitrate: fixed(SCREEN_SOUND_BPS), ...alone }];
    case 'camera':
      if (layers < 2) return [{ track, name: 'camera', format, bitrate: SINGLE, ...alone }];
      return [
        { track, name: 'camera-small', format, bitrate: SMALL, group: 'camera', layer: 0 },
        { track, name: 'camera-large', format, bitrate: LARGE, group: 'camera', layer: 1 },
      ];
  }
}

/** Whether muting takes it out of the room: a picture costs the room upload, a voice next to nothing, and speaks again at once. */
export function leavesWhenMuted(track: TrackName): boolean {
  return track === 'camera' || track === 'screen';
}

/** How much of the planned rate is the encoder's: the rest is for RTP headers, and for what encoders send above what they are told. */
const ENCODER_SHARE = 0.87;

/** What the encoder is told, bit/s; 0: pause. */
export function encoderBps(plannedBps: number): number {
  return plannedBps < LEAST_BPS ? 0 : Math.round(plannedBps * ENCODER_SHARE);
}

/** Where on the page a stream is sent. */
export interface FeedPlace {
  readonly mid: string;
  /** Null: the m-line has one encoding. */
  readonly rid: string | null;
}

/** The streams of the tracks that a page sends, each with its place. */
export function placesOf(tracks: readonly AnsweredTrack[]): Map<string, FeedPlace & { readonly stream: PageStream }> {
  const places = tracks.flatMap(({ mid, stream: track, layers, format }) =>
    streamsOf(track, layers.length, format).map((stream, index) => {
      return [stream.name, { stream, mid, rid: layers[index]?.rid ?? null }] as const;
    }),
  );
  return new Map(places);
}
