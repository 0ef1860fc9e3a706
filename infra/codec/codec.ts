/** RTP payload formats as SDP names them (RFC 8866 section 6.6, `rtpmap`). */

export type Media = 'audio' | 'video';

export interface Codec {
  /** The encoding name as it was registered with IANA, e.g. `VP8`. */
  readonly name: string;
  /** Ticks of the RTP timestamp in a second. */
  readonly clockRate: number;
  /** Audio only: the number of channels if it is not one. */
  readonly channels?: number;
}

const CODEC = /^(?<name>[A-Za-z0-9.-]{1,32})\/(?<clockRate>[1-9][0-9]{0,5})(?:\/(?<channels>[1-9][0-9]?))?$/;

/** Ticks a second that RTP gives to all pictures (RFC 3551 section 5), and to a few encodings of sound. */
export const PICTURE_CLOCK_RATE = 90_000;

/** Encodings of sound, in lower case: of these the name alone tells. */
const AUDIO = new Set([
  ...['opus', 'speex', 'vorbis', 'pcmu', 'pcma', 'g722', 'g7221', 'g723', 'g728', 'g729', 'gsm', 'ilbc', 'isac'],
  ...['amr', 'amr-wb', 'evs', 'evrc', 'qcelp', 'l8', 'l16', 'l20', 'l24', 'dvi4', 'lpc', 'vdvi'],
  ...['mpa', 'mpa-robust', 'mpeg4-generic', 'mp4a-latm', 'ac3', 'eac3', 'telephone-event', 'tone', 'cn'],
]);

/** Reads `VP8/90000` or `opus/48000/2`; undefined if it is neither. */
export function parseCodec(text: string): Codec | undefined {
  const groups = CODEC.exec(text)?.groups;
  if (groups?.name === undefined) return undefined;
  const { name, clockRate, channels } = groups;
  return { name, clockRate: Number(clockRate), ...(channels === undefined ? {} : { channels: Number(channels) }) };
}

/** The text that {@link parseCodec} reads: `VP8/90000`, `opus/48000/2`. */
export function formatCodec({ name, clockRate, channels }: Codec): string {
  return [name, clockRate, ...(channels === undefined ? [] : [channels])].join('/');
}

/** What a codec carries when nobody says it: what counts otherwise than pictures do is sound. */
export function mediaOf({ name, clockRate, channels }: Codec): Media {
  const isSound = channels !== undefined || clockRate !== PICTURE_CLOCK_RATE || AUDIO.has(name.toLowerCase());
  return isSound ? 'audio' : 'video';
}
