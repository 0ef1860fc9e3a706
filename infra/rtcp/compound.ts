/** RTCP packets that travel in one datagram (RFC 3550 section 6.1), read where they lie. */

const HEAD_BYTES = 4;
const WORD_BYTES = 4;
const RTP_VERSION = 2;

/**
 * The packets of a datagram, each a view of it, as far as their lengths and versions hold; what is malformed ends the list. A
 * datagram of RFC 5506's reduced size is a list of one.
 */
export function* packetsOf(datagram: Uint8Array): Generator<Uint8Array> {
  let at = 0;
  while (at + HEAD_BYTES <= datagram.length) {
    const words = ((datagram[at + 2] ?? 0) << 8) | (datagram[at + 3] ?? 0);
    const end = at + HEAD_BYTES + WORD_BYTES * words;
    if ((datagram[at] ?? 0) >>> 6 !== RTP_VERSION || end > datagram.length) return;
    yield datagram.subarray(at, end);
    at = end;
  }
}
