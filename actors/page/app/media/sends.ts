/** The streams of one's own that a page can have, and how each is encoded. */
import type { OwnName, SentTrack } from '../link/messages.ts';

export type Encodings = RTCRtpEncodingParameters[];

export interface Send {
  readonly name: OwnName;
  /** Its m-line is in the first offer; else it is made when the stream begins, since each m-line holds up the first picture. */
  readonly atOnce: boolean;
  readonly kind: 'audio' | 'video';
  readonly layers: SentTrack['layers'];
  /** @param planned bit/s by name of the stream, as the room's plan said last */
  readonly encodings: (planned: ReadonlyMap<string, number>) => Encodings;
}

/** Of what the plan gives, for packets' headers and for bursts of the encoder. The peer sets the rest by `rate`. */
const SHARE = 0.87;
/** Where no plan is known yet: little enough for the poorest uplink, for the second until there is one. */
const UNPLANNED_SMALL_BPS = 100_000;
const UNPLANNED_LARGE_BPS = 300_000;
const VOICE_BPS = 40_000;
const SCREEN_SOUND_BPS = 96_000;

const SMALL = { rid: 's', maxHeight: 180 };
const LARGE = { rid: 'l', maxHeight: 720 };

const begin = (planned: number | undefined, otherwise: number) => Math.round(planned ? SHARE * planned : otherwise);

/** In the order in which their m-lines are made. */
export const SENDS: readonly Send[] = [
  {
    name: 'camera',
    atOnce: true,
    kind: 'video',
    layers: [SMALL, LARGE],
    encodings: (planned) => [
      {
        rid: SMALL.rid,
        scaleResolutionDownBy: LARGE.maxHeight / SMALL.maxHeight,
        maxBitrate: begin(planned.get('camera-small'), UNPLANNED_SMALL_BPS),
      },
      {
        rid: LARGE.rid,
        scaleResolutionDownBy: 1,
        maxBitrate: begin(planned.get('camera-large') ?? planned.get('camera'), UNPLANNED_LARGE_BPS),
      },
    ],
  },
  { name: 'voice', atOnce: true, kind: 'audio', layers: [], encodings: () => [{ maxBitrate: VOICE_BPS }] },
  {
    name: 'screen',
    atOnce: false,
    kind: 'video',
    layers: [],
    encodings: (planned) => [{ maxBitrate: begin(planned.get('screen'), UNPLANNED_LARGE_BPS) }],
  },
  {
    name: 'screen-sound',
    atOnce: false,
    kind: 'audio',
    layers: [],
    encodings: () => [{ maxBitrate: SCREEN_SOUND_BPS }],
  },
];
