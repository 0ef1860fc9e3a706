/** Where the payload of an RTP packet lies (RFC 3550 sections 5.1 and 5.3.1). */
import { hasWholeHeader, RTP_HEADER_BYTES } from './header.ts';

const WORD_BYTES = 4;
const PADDING = 0x20;
const EXTENSION = 0x10;
const CONTRIBUTING = 0x0f;

/** The payload, a view without header extension and padding; undefined where one of them is cut off. May be empty. */
export function payloadOf(packet: Uint8Array): Uint8Array | undefined {
  if (packet.length < RTP_HEADER_BYTES || !hasWholeHeader(packet, packet.length)) return undefined;
  const first = packet[0] ?? 0;
  let start = RTP_HEADER_BYTES + WORD_BYTES * (first & CONTRIBUTING);
  if ((first & EXTENSION) !== 0) {
    start += WORD_BYTES * (1 + (((packet[start + 2] ?? 0) << 8) | (packet[start + 3] ?? 0)));
  }
  if ((first & PADDING) === 0) return packet.subarray(start);
  const padding = packet[packet.length - 1] ?? 0;
  const end = packet.length - padding;
  return padding === 0 || end < start ? undefined : packet.subarray(start, end);
}
