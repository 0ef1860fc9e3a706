/**
 * The fixed RTP header, read where it lies (RFC 3550 section 5.1). Nothing is parsed into objects: a relay reads a
 * few bytes of each packet and forwards the rest unseen.
 *
 * None of the readers checks bounds: call them on at least {@link RTP_HEADER_BYTES} bytes.
 */

/** The header up to and including the SSRC (RFC 3550 section 5.1). */
export const RTP_HEADER_BYTES = 12;

/** The shortest RTCP packet: an empty receiver report's header and SSRC (RFC 3550 section 6.4.2). */
export const RTCP_MIN_BYTES = 8;

/** RTCP packet types as they stand in the second byte (RFC 5761 section 4): RTP never has these values there. */
const RTCP_FIRST_TYPE = 192;
const RTCP_LAST_TYPE = 223;

const EXTENSION_HEADER_BYTES = 4;
const WORD_BYTES = 4;

/** The protocol version in the first two bits; 2 for all RTP and RTCP in use. */
export function readVersion(packet: Uint8Array): number {
  return byteAt(packet, 0) >>> 6;
}

/** Whether this is RTCP and not RTP, when both share a port (RFC 5761 section 4). */
export function isRtcp(packet: Uint8Array): boolean {
  const type = byteAt(packet, 1);
  return type >= RTCP_FIRST_TYPE && type <= RTCP_LAST_TYPE;
}

export function readPayloadType(packet: Uint8Array): number {
  return byteAt(packet, 1) & 0x7f;
}

export function readMarker(packet: Uint8Array): boolean {
  return (byteAt(packet, 1) & 0x80) !== 0;
}

/** The 16-bit sequence number, which wraps around: compare it with the functions of `sequence.ts` only. */
export function readSequence(packet: Uint8Array): number {
  return (byteAt(packet, 2) << 8) | byteAt(packet, 3);
}

/** The media timestamp, in units of the payload's clock rate; 32 bits, wraps around. */
export function readTimestamp(packet: Uint8Array): number {
  return readSignedWord(packet, 4) >>> 0;
}

export function readSsrc(packet: Uint8Array): number {
  return readSsrcKey(packet) >>> 0;
}

/**
 * The SSRC as a signed 32-bit integer, for look-ups: V8 keeps those unboxed, while half of all unsigned ones would
 * cost an allocation for each packet. {@link ssrcKey} turns an SSRC into the same form.
 */
export function readSsrcKey(packet: Uint8Array): number {
  return readSignedWord(packet, 8);
}

export function ssrcKey(ssrc: number): number {
  return ssrc | 0;
}

/**
 * Whether the contributing sources and the header extension that the first byte announces lie within `length` bytes
 * (RFC 3550 appendix A.1): a receiver that trusts them would read past the packet otherwise.
 */
export function hasWholeHeader(packet: Uint8Array, length: number): boolean {
  const first = byteAt(packet, 0);
  const fixedAndContributing = RTP_HEADER_BYTES + WORD_BYTES * (first & 0x0f);
  if ((first & 0x10) === 0) return fixedAndContributing <= length;
  const withExtensionHeader = fixedAndContributing + EXTENSION_HEADER_BYTES;
  if (withExtensionHeader > length) return false;
  const words = (byteAt(packet, withExtensionHeader - 2) << 8) | byteAt(packet, withExtensionHeader - 1);
  return withExtensionHeader + WORD_BYTES * words <= length;
}

/** Where the payload begins. Call it on packets that have a whole header. */
export function payloadOffset(packet: Uint8Array): number {
  const first = byteAt(packet, 0);
  const at = RTP_HEADER_BYTES + WORD_BYTES * (first & 0x0f);
  if ((first & 0x10) === 0) return at;
  const words = (byteAt(packet, at + 2) << 8) | byteAt(packet, at + 3);
  return at + EXTENSION_HEADER_BYTES + WORD_BYTES * words;
}

function readSignedWord(packet: Uint8Array, at: number): number {
  return (
    (byteAt(packet, at) << 24) | (byteAt(packet, at + 1) << 16) | (byteAt(packet, at + 2) << 8) | byteAt(packet, at + 3)
  );
}

function byteAt(packet: Uint8Array, index: number): number {
  return packet[index] ?? 0;
}
