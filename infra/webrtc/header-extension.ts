/** The header extension of RTP packets (RFC 3550 section 5.3.1) with its elements of one-byte form (RFC 8285 section 4.2). */
import { payloadOffset, RTP_HEADER_BYTES } from '../rtp/header.ts';

const EXTENSION_BIT = 0x10;
const HEAD_BYTES = 4;
const ONE_BYTE_PROFILE = 0xbede;
/** Fills up: a byte of its own. */
const PADDING = 0;
/** Ends the list. */
const LAST = 15;

function offsetOf(packet: Uint8Array): number {
  return RTP_HEADER_BYTES + 4 * ((packet[0] ?? 0) & 0x0f);
}

/**
 * Values of the elements by their number, as text.
 *
 * @param packet with a whole header
 */
export function readExtension(packet: Uint8Array): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const at = offsetOf(packet);
  const isOneByte = (((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0)) === ONE_BYTE_PROFILE;
  if (((packet[0] ?? 0) & EXTENSION_BIT) === 0 || !isOneByte) return found;
  const elements = packet.subarray(at + HEAD_BYTES, payloadOffset(packet));
  for (let next = 0; next < elements.length; ) {
    const head = elements[next++] ?? 0;
    const number = head >>> 4;
    if (head === PADDING) continue;
    const end = next + (head & 0x0f) + 1;
    if (number === LAST || end > elements.length) break;
    found.set(number, Buffer.from(elements.subarray(next, end)).toString('latin1'));
    next = end;
  }
  return found;
}

/**
 * The packet without its extension. Its memory is changed: the header moves up to the payload.
 *
 * @param packet with a whole header
 */
export function withoutExtension(packet: Uint8Array): Uint8Array {
  const first = packet[0] ?? 0;
  if ((first & EXTENSION_BIT) === 0) return packet;
  const headerBytes = offsetOf(packet);
  const start = payloadOffset(packet) - headerBytes;
  packet.copyWithin(start, 0, headerBytes);
  packet[start] = first & ~EXTENSION_BIT;
  return packet.subarray(start);
}
