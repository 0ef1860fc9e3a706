/** Which codecs pages send and receive, and what the room is told of what a page sends. */
import { mediaOf, parseCodec } from '../../infra/codec/codec.ts';
import { parameterOf } from '../../infra/sdp/format-parameters.ts';
import type { LinkCodec, LinkFormat } from '../../infra/webrtc/contract.ts';
import type { SentPictures } from '../options/call-command.ts';
import type { StreamFormat } from '../options/contract.ts';

/**
 * What a page may send and receive: what most browsers decode without being asked, and what phones and cameras send. Nothing is
 * transcoded, so a stream of another codec has no picture there.
 */
const PAGE_CODECS: readonly LinkCodec[] = [
  { codec: 'VP8/90000', fmtp: '' },
  { codec: 'H264/90000', fmtp: 'packetization-mode=1' },
  { codec: 'VP9/90000', fmtp: 'profile-id=0' },
  { codec: 'AV1/90000', fmtp: '' },
  { codec: 'opus/48000/2', fmtp: '' },
  { codec: 'G722/8000', fmtp: '' },
  { codec: 'PCMU/8000', fmtp: '' },
  { codec: 'PCMA/8000', fmtp: '' },
];

/** The best first: that is what a page sends. */
export function pageCodecs(pictures: SentPictures): readonly LinkCodec[] {
  const isFirst = ({ codec }: LinkCodec) => codec.startsWith(`${pictures}/`);
  return [...PAGE_CODECS.filter(isFirst), ...PAGE_CODECS.filter((codec) => !isFirst(codec))];
}

/** As browsers call them: `video/VP8`, `audio/opus`. */
export function mimeTypesOf(codecs: readonly LinkCodec[]): string[] {
  return codecs.flatMap(({ codec: text }) => {
    const codec = parseCodec(text);
    return codec === undefined ? [] : [`${mediaOf(codec)}/${codec.name}`];
  });
}

/** What browsers call them by themselves, as far as they agree; the page's own payload types are rewritten to these. */
const PAYLOAD_TYPES = { video: 96, audio: 111 } as const;
/** What of a browser's parameters is about what it sends; the others are wishes about what it receives. */
const OF_SENDER = ['packetization-mode', 'profile-level-id', 'profile-id'] as const;
/** Of all browsers' encoders, whatever else they would like to receive (RFC 7587 section 6.1). */
const OPUS = 'minptime=10;useinbandfec=1';

/** What the room is told of a track that a page sends so; undefined: it is no codec that we know. */
export function streamFormat({ codec: text, fmtp }: LinkFormat): StreamFormat | undefined {
  const codec = parseCodec(text);
  const media = codec && mediaOf(codec);
  if (codec === undefined || media === undefined) return undefined;
  const told = OF_SENDER.flatMap((name) => {
    const value = parameterOf(fmtp, name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const parameters = codec.name.toLowerCase() === 'opus' ? OPUS : told.join(';');
  return { codec, media, payloadType: PAYLOAD_TYPES[media], fmtp: parameters };
}
