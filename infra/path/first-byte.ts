/** What shares the media socket with RTP, told apart by its first byte (RFC 7983 section 7). */

/** 0..3 are STUN's; its methods are few, and higher first bytes belong to others. */
const STUN_LAST_FIRST_BYTE = 3;

/** The magic cookie 0x2112A442 (RFC 8489 section 5), as the signed integer that bitwise operators make of it. */
const STUN_COOKIE = 0x2112_a442;

const STUN_HEADER_BYTES = 20;

/** A STUN message over UDP is no longer where the path's MTU is not known (RFC 8489 section 6.1). */
const STUN_MAX_BYTES = 548;

/**
 * Whether a datagram is a STUN message as far as its header tells. `packet` may be longer than the datagram, as a slot of a receive
 * buffer is.
 */
export function isStun(packet: Uint8Array, length: number): boolean {
  return (
    byteAt(packet, 0) <= STUN_LAST_FIRST_BYTE &&
    length >= STUN_HEADER_BYTES &&
    length <= STUN_MAX_BYTES &&
    (length & 3) === 0 &&
    ((byteAt(packet, 2) << 8) | byteAt(packet, 3)) === length - STUN_HEADER_BYTES &&
    readWord(packet, 4) === STUN_COOKIE
  );
}

function readWord(packet: Uint8Array, at: number): number {
  return (
    (byteAt(packet, at) << 24) | (byteAt(packet, at + 1) << 16) | (byteAt(packet, at + 2) << 8) | byteAt(packet, at + 3)
  );
}

function byteAt(packet: Uint8Array, index: number): number {
  return packet[index] ?? 0;
}
