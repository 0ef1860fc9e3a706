/** What sealing adds to a stream, so that plans count it. */
import type { Media } from '../../../infra/codec/codec.ts';
import { SEAL_BYTES } from '../../../infra/srtp/stream-seal.ts';
import { DELAYS } from '../../../machines/timers.ts';

/** As calls send voices: a packet each 20 ms. */
const VOICE_PACKETS_PER_S = 50;
/** What is told of what was sent, four times a second: heads and signature, and SRTCP; and of each packet. */
const DIGEST_BYTES = 96 + 20;
const DIGESTED_PACKET_BYTES = 8;
const DIGESTS_BPS = (8 * DIGEST_BYTES * 1000) / DELAYS.digestInterval;
const DIGESTED_VOICE_BPS = 8 * DIGESTED_PACKET_BYTES * VOICE_PACKETS_PER_S;
const SEALED_VOICE_BPS = 8 * SEAL_BYTES * VOICE_PACKETS_PER_S;

/**
 * In bit/s: of a voice two fifths of what it is. Of pictures it is what is told of them however small they are, which counts on a poor
 * uplink; the 3 % of each packet have room in the headroom.
 *
 * @param isSigned whether its source tells what it has sent: without an identity it does not
 */
export function sealBps(media: Media, isSigned: boolean): number {
  const isVoice = media === 'audio';
  const digestsBps = DIGESTS_BPS + (isVoice ? DIGESTED_VOICE_BPS : 0);
  return (isVoice ? SEALED_VOICE_BPS : 0) + (isSigned ? digestsBps : 0);
}
