/** Whether a packet begins or belongs to a key frame, read from the payload of those codecs that say so near its start. */
import { payloadOffset } from '../rtp/header.ts';
import { type NalFormat, nalFormatOf, nalUnitsIn } from './nal-units.ts';

type Reader = (payload: Uint8Array) => boolean;

const READERS: Readonly<Record<string, Reader>> = {
  vp8: isVp8KeyFrame,
  vp9: isVp9KeyFrame,
  av1: isAv1KeyFrame,
};

/** Whether key frames of this codec, by its name in any case, can be told at all. */
export function tellsKeyFrames(codec: string): boolean {
  return Object.hasOwn(READERS, codec.toLowerCase()) || nalFormatOf(codec) !== undefined;
}

/** Whether a packet with a whole header shows a key frame; false also where the codec's cannot be told. */
export function showsKeyFrame(codec: string, packet: Uint8Array): boolean {
  const payload = packet.subarray(payloadOffset(packet));
  const name = codec.toLowerCase();
  const format = nalFormatOf(name);
  if (format !== undefined) return beginsKeyPicture(payload, format);
  return Object.hasOwn(READERS, name) ? (READERS[name]?.(payload) ?? false) : false;
}

function beginsKeyPicture(payload: Uint8Array, format: NalFormat): boolean {
  for (const { type } of nalUnitsIn(payload, format)) if (format.isKeyPicture(type)) return true;
  return false;
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

/** The aggregation header's N bit: the first packet of a new coded video sequence (AV1 RTP specification, section 4.4). */
function isAv1KeyFrame(payload: Uint8Array): boolean {
  return payload.length > 1 && ((payload[0] ?? 0) & 0x08) !== 0;
}
