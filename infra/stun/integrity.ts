/** How a STUN message shows who wrote it, and that nothing was changed on the way (RFC 8489 sections 9, 14.5 to 14.7). */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type AttributePlace, attributesOf, viewOf } from './attributes.ts';
import { ATTRIBUTE, ATTRIBUTE_HEAD_BYTES, HEADER_BYTES } from './message.ts';

/** SHA-256 among ourselves; SHA-1 is what TURN servers know (RFC 5389). */
export type IntegrityHash = 'sha1' | 'sha256';

export interface Integrity {
  readonly hash: IntegrityHash;
  readonly key: Uint8Array;
}

export const INTEGRITY = {
  sha1: { type: ATTRIBUTE.messageIntegrity, bytes: 20 },
  sha256: { type: ATTRIBUTE.messageIntegritySha256, bytes: 32 },
} as const;

export const FINGERPRINT_BYTES = 4;
/** "STUN" in ASCII, so that the sum differs from another protocol's CRC-32 (RFC 8489 section 14.7). */
const FINGERPRINT_MASK = 0x5354_554e;

/**
 * Whether who holds `key` wrote the message. Takes as long for a MAC that is nearly right as for any other.
 *
 * Where there are both kinds the stronger one counts. A shortened SHA-256 is refused: nobody here writes one.
 */
export function verifyStun(bytes: Uint8Array, key: Uint8Array): boolean {
  const places = attributesOf(bytes) ?? [];
  for (const hash of ['sha256', 'sha1'] as const) {
    const place = places.find(({ type }) => type === INTEGRITY[hash].type);
    if (place === undefined) continue;
    if (place.length !== INTEGRITY[hash].bytes) return false;
    return timingSafeEqual(macOf(bytes, place.at, { hash, key }), bytes.subarray(place.at, place.at + place.length));
  }
  return false;
}

/** The MAC of an attribute whose value is at `at`: over all before it, with the length as if the message ended behind it. */
export function macOf(bytes: Uint8Array, at: number, { hash, key }: Integrity): Buffer {
  const end = at + INTEGRITY[hash].bytes;
  const mac = createHmac(hash, key).update(headUntil(bytes, end));
  return mac.update(bytes.subarray(HEADER_START_BYTES, at - ATTRIBUTE_HEAD_BYTES)).digest();
}

/** The value of a FINGERPRINT at `at`. */
export function fingerprintOf(bytes: Uint8Array, at: number): number {
  const head = crc32(headUntil(bytes, at + FINGERPRINT_BYTES));
  return (crc32(bytes.subarray(HEADER_START_BYTES, at - ATTRIBUTE_HEAD_BYTES), head) ^ FINGERPRINT_MASK) >>> 0;
}

/** Whether a FINGERPRINT is right. It stands last, or it is none. */
export function isFingerprintRight(bytes: Uint8Array, { at, length }: AttributePlace): boolean {
  if (length !== FINGERPRINT_BYTES || at + length !== bytes.length) return false;
  return viewOf(bytes).getUint32(at) === fingerprintOf(bytes, at);
}

/**
 * The key of a user with a password (RFC 8489 section 9.2.2).
 *
 * @param realm as the server tells it
 */
export function longTermKey(username: string, realm: string, password: string): Uint8Array {
  return createHash('md5')
    .update(`${username}:${realm}:${password.normalize('NFC')}`)
    .digest();
}

/** Message type and length, which alone differs between what is summed and what is sent. */
const HEADER_START_BYTES = 4;

function headUntil(bytes: Uint8Array, end: number): Uint8Array {
  const head = Uint8Array.from(bytes.subarray(0, HEADER_START_BYTES));
  viewOf(head).setUint16(2, end - HEADER_BYTES);
  return head;
}
