/** Session descriptions (RFC 8866) by which a player opens the plain RTP streams of one peer, all at once. */
import { type Codec, formatCodec, type Media } from './codec.ts';
import { usualParameters } from './format-parameters.ts';

/** One stream as a player receives it: a section of the description (RFC 8866 section 5.14, `m=`). */
export interface StreamDescription {
  /** RTP comes to this port, RTCP to the next one (RFC 3550 section 11). */
  readonly port: number;
  readonly media: Media;
  readonly codec: Codec;
  readonly payloadType: number;
  /** Format parameters (RFC 8866 section 6.15, `fmtp`); empty: what such a codec usually has. */
  readonly fmtp: string;
}

export interface SessionDescription {
  /** What the player shows as its title. */
  readonly name: string;
  /** The address to listen on, a literal. */
  readonly host: string;
  readonly streams: readonly StreamDescription[];
}

/** The text of the description, one line each, with the ends of line that the RFC wants. */
export function sessionDescription({ name, host, streams }: SessionDescription): string {
  const address = `IN ${host.includes(':') ? 'IP6' : 'IP4'} ${host}`;
  const lines = ['v=0', `o=- 0 0 ${address}`, `s=${name}`, `c=${address}`, 't=0 0', ...streams.flatMap(sectionOf)];
  return lines.map((line) => `${line}\r\n`).join('');
}

function sectionOf({ port, media, codec, payloadType, fmtp }: StreamDescription): string[] {
  const parameters = fmtp === '' ? usualParameters(codec) : fmtp;
  return [
    `m=${media} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${formatCodec(codec)}`,
    ...(parameters === undefined ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
  ];
}
