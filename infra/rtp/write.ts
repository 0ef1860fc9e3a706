/** Fields of the fixed RTP header, written in place (RFC 3550 section 5.1). Readers are in `header.ts`. */
import { RTP_HEADER_BYTES } from './header.ts';

/** Version 2, no padding, no extension, no contributing sources. */
const PLAIN_FIRST_BYTE = 0x80;
const MARKER = 0x80;

export interface FixedHeader {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Writes a header without extension into the first {@link RTP_HEADER_BYTES} bytes. */
export function writeHeader(packet: Uint8Array, header: FixedHeader): void {
  if (packet.length < RTP_HEADER_BYTES) throw new RangeError(`An RTP header needs ${RTP_HEADER_BYTES} bytes.`);
  packet[0] = PLAIN_FIRST_BYTE;
  packet[1] = header.payloadType | (header.marker ? MARKER : 0);
  writeSequence(packet, header.sequence);
  writeTimestamp(packet, header.timestamp);
  writeSsrc(packet, header.ssrc);
}

/** Replaces the payload type and keeps the marker. */
export function writePayloadType(packet: Uint8Array, payloadType: number): void {
  packet[1] = ((packet[1] ?? 0) & MARKER) | payloadType;
}

export function writeSequence(packet: Uint8Array, sequence: number): void {
  packet[2] = sequence >>> 8;
  packet[3] = sequence;
}

export function writeTimestamp(packet: Uint8Array, timestamp: number): void {
  writeWord(packet, 4, timestamp);
}

export function writeSsrc(packet: Uint8Array, ssrc: number): void {
  writeWord(packet, 8, ssrc);
}

/** 32 bits, most significant byte first; typed arrays keep the low eight bits of what they are given. */
function writeWord(packet: Uint8Array, at: number, value: number): void {
  packet[at] = value >>> 24;
  packet[at + 1] = value >>> 16;
  packet[at + 2] = value >>> 8;
  packet[at + 3] = value;
}
