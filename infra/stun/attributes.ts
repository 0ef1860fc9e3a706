/** Where the attributes of a STUN message lie in its bytes (RFC 8489 section 14). */
import { ATTRIBUTE_HEAD_BYTES, HEADER_BYTES, MAGIC_COOKIE, MAX_ATTRIBUTES, MAX_STUN_BYTES } from './message.ts';

const COOKIE_AT = 4;
/** The first two bits, which are 0 in STUN, 1 in ChannelData and 2 in RTP (RFC 7983). */
const NOT_STUN_MASK = 0xc0;

/** One attribute: its value is the `length` bytes from `at`, without what fills it up. */
export interface AttributePlace {
  readonly type: number;
  readonly at: number;
  readonly length: number;
}

/** Whether the first `length` bytes are meant as STUN. Cheap; whether they are well formed is another question. */
export function isStun(bytes: Uint8Array, length: number): boolean {
  return (
    length >= HEADER_BYTES &&
    ((bytes[0] ?? NOT_STUN_MASK) & NOT_STUN_MASK) === 0 &&
    viewOf(bytes).getUint32(COOKIE_AT) === MAGIC_COOKIE
  );
}

/** The attributes in order; undefined where the bytes are no whole STUN message, or too long a one. */
export function attributesOf(bytes: Uint8Array): readonly AttributePlace[] | undefined {
  if (bytes.length > MAX_STUN_BYTES || !isStun(bytes, bytes.length)) return undefined;
  const view = viewOf(bytes);
  if (view.getUint16(2) !== bytes.length - HEADER_BYTES) return undefined;
  const places: AttributePlace[] = [];
  let next = HEADER_BYTES;
  while (next < bytes.length) {
    if (places.length === MAX_ATTRIBUTES || next + ATTRIBUTE_HEAD_BYTES > bytes.length) return undefined;
    const place = { type: view.getUint16(next), at: next + ATTRIBUTE_HEAD_BYTES, length: view.getUint16(next + 2) };
    next = place.at + paddedLength(place.length);
    if (next > bytes.length) return undefined;
    places.push(place);
  }
  return places;
}

export function paddedLength(length: number): number {
  return (length + 3) & ~3;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
