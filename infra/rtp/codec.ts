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

/** Encodings of sound that are in use; what else has no channel count is taken for pictures. */
const AUDIO = new Set(['opus', 'pcmu', 'pcma', 'g722', 'l16', 'l24', 'mpeg4-generic', 'mp4a-latm', 'ac3', 'mpa']);

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

/** What a codec carries when nobody says it. */
export function mediaOf({ name, channels }: Codec): Media {
  return channels !== undefined || AUDIO.has(name.toLowerCase()) ? 'audio' : 'video';
}
