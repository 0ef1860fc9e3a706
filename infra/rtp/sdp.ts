/** Session descriptions (RFC 8866) by which a player opens one plain RTP stream. */
import { type Codec, formatCodec, type Media } from './codec.ts';

/** One stream as a player receives it. */
export interface StreamDescription {
  /** What the player shows as its title. */
  readonly name: string;
  /** The address to listen on, a literal; RTCP comes to the next port (RFC 3550 section 11). */
  readonly host: string;
  readonly port: number;
  readonly media: Media;
  readonly codec: Codec;
  readonly payloadType: number;
}

/**
 * What a codec has to be told beyond its name, by lower-case name. H264: everything but the oldest devices fragments its
 * frames (RFC 6184 section 6.3), and the default would forbid that.
 */
const FORMAT_PARAMETERS: Readonly<Record<string, string>> = { h264: 'packetization-mode=1' };

export function sessionDescription(stream: StreamDescription): string {
  const { name, host, port, media, codec, payloadType } = stream;
  const address = `IN ${host.includes(':') ? 'IP6' : 'IP4'} ${host}`;
  const parameters = FORMAT_PARAMETERS[codec.name.toLowerCase()];
  const lines = [
    'v=0',
    `o=- 0 0 ${address}`,
    `s=${name}`,
    `c=${address}`,
    't=0 0',
    `m=${media} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${formatCodec(codec)}`,
    ...(parameters === undefined ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}
