/** Whether a page can decode a stream, and under which payload type: browsers choose these by themselves. */
import { formatCodec } from '../../../infra/codec/codec.ts';
import { parameterOf } from '../../../infra/sdp/format-parameters.ts';
import type { LinkFormat } from '../../../infra/webrtc/contract.ts';
import type { RemoteStream } from '../../sink/contract.ts';

/** What a stream is described by. */
type Described = Pick<RemoteStream, 'codec' | 'fmtp'>;

/** The page's payload type for a stream; undefined: it cannot play it. */
export function payloadTypeFor(stream: Described, formats: readonly LinkFormat[]): number | undefined {
  const codec = nameOf(formatCodec(stream.codec));
  const same = formats.filter((format) => nameOf(format.codec) === codec);
  if (!codec.startsWith('h264/')) return same[0]?.payloadType;
  // Mode 1 takes what mode 0 sends, and streams that do not say use it (RFC 6184 section 6.2).
  const usable = same.filter(({ fmtp }) => parameterOf(fmtp, 'packetization-mode') === '1');
  // Decoders take all profiles of theirs; the page names those that its encoder could make.
  return (usable.find(({ fmtp }) => profileOf(fmtp) === profileOf(stream.fmtp)) ?? usable[0])?.payloadType;
}

/** Encoding names are the same in any case; one channel need not be said. */
function nameOf(codec: string): string {
  return codec.toLowerCase().replace(/^([^/]+\/\d+)\/1$/, '$1');
}

/** The profile, without its constraints and its level. */
function profileOf(fmtp: string): string | undefined {
  return parameterOf(fmtp, 'profile-level-id')?.slice(0, 2).toLowerCase();
}
