/** Session descriptions (RFC 8866) by which a player opens the plain RTP streams of one peer, all at once. */
import { type Codec, formatCodec, type Media } from '../codec/codec.ts';
import { usualParameters } from './format-parameters.ts';

/** One stream as a player receives it: a section of the description (RFC 8866 section 5.14, `m=`). */
export interface StreamDescription {
  /** RTP comes to this port, RTCP to the next one (RFC 3550 section 11); the player answers to where RTCP comes from. */
  readonly port: number;
  readonly media: Media;
  readonly codec: Codec;
  readonly payloadType: number;
  /** Format parameters (RFC 8866 section 6.15, `fmtp`); empty: what such a codec usually has. */
  readonly fmtp: string;
}

export interface SessionDescription {
  /** Tells the sessions of one machine apart, at most 2^53 - 1 (RFC 8866 section 5.2, `sess-id`). */
  readonly sessionId: number;
  /** What the player shows as its title. */
  readonly name: string;
  /** The address to listen on, a literal. */
  readonly host: string;
  readonly streams: readonly StreamDescription[];
}

/** What may be asked of a video source: a key frame (RFC 4585 section 4.2, RFC 5104 section 7.1). Who knows neither passes over it. */
const VIDEO_REQUESTS = ['nack pli', 'ccm fir'];

/** The text of the description, one line each, with the ends of line that the RFC wants. */
export function sessionDescription({ sessionId, name, host, streams }: SessionDescription): string {
  const address = `IN ${host.includes(':') ? 'IP6' : 'IP4'} ${host}`;
  const lines = [
    'v=0',
    `o=- ${sessionId} 0 ${address}`,
    `s=${name}`,
    `c=${address}`,
    't=0 0',
    ...streams.flatMap(sectionOf),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** The session id of a description, or undefined where the text is none. */
export function readSessionId(text: string): number | undefined {
  const digits = /^o=\S+ (\d{1,16}) /m.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function sectionOf({ port, media, codec, payloadType, fmtp }: StreamDescription): string[] {
  const parameters = fmtp === '' ? usualParameters(codec) : fmtp;
  return [
    `m=${media} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${formatCodec(codec)}`,
    ...(parameters === undefined ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
    ...(media === 'video' ? VIDEO_REQUESTS.map((request) => `a=rtcp-fb:${payloadType} ${request}`) : []),
  ];
}
