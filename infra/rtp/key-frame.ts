/** Whether a packet begins or belongs to a key frame, read from the payload of those codecs that say so near its start. */
import { payloadOffset } from './header.ts';

/** NAL unit types of H.264 (RFC 6184 section 5.2): a coded slice of an IDR picture, aggregates, fragments. */
const H264 = { IDR: 5, STAP_A: 24, FU_A: 28 } as const;
/** NAL unit types of H.265 (RFC 7798 section 1.1.4): pictures at which decoding can begin, aggregates, fragments. */
const H265 = { FIRST_RANDOM_ACCESS: 16, LAST_RANDOM_ACCESS: 21, AGGREGATE: 48, FRAGMENT: 49 } as const;

type Reader = (payload: Uint8Array) => boolean;

const READERS: Readonly<Record<string, Reader>> = {
  vp8: isVp8KeyFrame,
  vp9: isVp9KeyFrame,
  h264: isH264KeyFrame,
  h265: isH265KeyFrame,
  av1: isAv1KeyFrame,
};

/** Whether key frames of this codec, by its name in any case, can be told at all. */
export function tellsKeyFrames(codec: string): boolean {
  return Object.hasOwn(READERS, codec.toLowerCase());
}

/** Whether a packet with a whole header shows a key frame; false also where the codec's cannot be told. */
export function showsKeyFrame(codec: string, packet: Uint8Array): boolean {
  const name = codec.toLowerCase();
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  return read?.(packet.subarray(payloadOffset(packet))) ?? false;
}

/** RFC 7741 sections 4.2 and 4.3: the first packet of the first partition, whose frame header has P = 0. */
function isVp8KeyFrame(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0;
  if ((first & 0x10) === 0 || (first & 0x07) !== 0) return false;
  const headerAt = 1 + vp8ExtensionBytes(payload);
  return headerAt < payload.length && ((payload[headerAt] ?? 1) & 0x01) === 0;
}

function vp8ExtensionBytes(payload: Uint8Array): number {
  if (((payload[0] ?? 0) & 0x80) === 0) return 0;
  const flags = payload[1] ?? 0;
  const pictureBytes = (flags & 0x80) === 0 ? 0 : ((payload[2] ?? 0) & 0x80) === 0 ? 1 : 2;
  return 1 + pictureBytes + ((flags & 0x40) === 0 ? 0 : 1) + ((flags & 0x30) === 0 ? 0 : 1);
}

/** RFC 9628 section 4.2: the beginning (B) of a frame that is not predicted from another (P = 0). */
function isVp9KeyFrame(payload: Uint8Array): boolean {
  return payload.length > 1 && ((payload[0] ?? 0) & 0x48) === 0x08;
}

function isH264KeyFrame(payload: Uint8Array): boolean {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === H264.IDR) return true;
  // The fragment's own header follows: its start bit and the type of what is cut up.
  if (type === H264.FU_A) return ((payload[1] ?? 0) & 0x9f) === (0x80 | H264.IDR);
  return type === H264.STAP_A && aggregateHas(payload, 1, (unit) => (unit & 0x1f) === H264.IDR);
}

function isH265KeyFrame(payload: Uint8Array): boolean {
  const type = h265Type(payload[0] ?? 0);
  if (isH265Access(type)) return true;
  if (type === H265.FRAGMENT) return ((payload[2] ?? 0) & 0x80) !== 0 && isH265Access((payload[2] ?? 0) & 0x3f);
  return type === H265.AGGREGATE && aggregateHas(payload, 2, (unit) => isH265Access(h265Type(unit)));
}

function h265Type(firstByte: number): number {
  return (firstByte >>> 1) & 0x3f;
}

function isH265Access(type: number): boolean {
  return type >= H265.FIRST_RANDOM_ACCESS && type <= H265.LAST_RANDOM_ACCESS;
}

/** Whether one of the units of an aggregate, each behind its length in 16 bits, begins with such a byte. */
function aggregateHas(payload: Uint8Array, from: number, wanted: (firstByte: number) => boolean): boolean {
  let at = from;
  while (at + 2 < payload.length) {
    if (wanted(payload[at + 2] ?? 0)) return true;
    at += 2 + ((payload[at] ?? 0) << 8) + (payload[at + 1] ?? 0);
  }
  return false;
}

/** The aggregation header's N bit: the first packet of a new coded video sequence (AV1 RTP specification, section 4.4). */
function isAv1KeyFrame(payload: Uint8Array): boolean {
  return payload.length > 1 && ((payload[0] ?? 0) & 0x08) !== 0;
}
