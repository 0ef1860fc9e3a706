/** What sealing adds to a stream, so that plans count it. */
import type { Media } from '../../../infra/codec/codec.ts';
import { SEAL_BYTES } from '../../../infra/srtp/stream-seal.ts';
import { DELAYS } from '../../../machines/timers.ts';

/** As calls send voices: a packet each 20 ms. */
const VOICE_PACKETS_PER_S = 50;
/** What is told of what was sent, four times a second: heads and signature, SRTCP, and 8 bytes for each packet. */
const DIGEST_BYTES = 96 + 20 + (8 * VOICE_PACKETS_PER_S * DELAYS.digestInterval) / 1000;
const DIGESTS_BPS = (8 * DIGEST_BYTES * 1000) / DELAYS.digestInterval;

/** In bit/s: of a voice two fifths of what it is. Of pictures it is 2.5 %, which the headroom has room for. */
export function sealBps(media: Media): number {
  return media === 'audio' ? 8 * SEAL_BYTES * VOICE_PACKETS_PER_S + DIGESTS_BPS : 0;
}
