/** What shares the one socket of a page, told apart by its first bytes (RFC 7983 section 7, RFC 5761 section 4). */
import { isRtcp, readVersion } from '../rtp/header.ts';

const STUN_LAST = 3;
const DTLS_FIRST = 20;
const DTLS_LAST = 63;

export type Kind = 'stun' | 'dtls' | 'rtp' | 'rtcp' | 'other';

export function kindOf(datagram: Uint8Array): Kind {
  if (readVersion(datagram) === 2) return isRtcp(datagram) ? 'rtcp' : 'rtp';
  const first = datagram[0] ?? Number.POSITIVE_INFINITY;
  if (first <= STUN_LAST) return 'stun';
  return first >= DTLS_FIRST && first <= DTLS_LAST ? 'dtls' : 'other';
}
