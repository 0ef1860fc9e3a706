/**
 * Fields of the fixed RTP header, written in place (RFC 3550 section 5.1). Readers are in `header.ts`; like them, none of
 * these checks bounds.
 */

/** Version 2, no padding, no extension, no contributing sources. */
const PLAIN_FIRST_BYTE = 0x80;
const MARKER = 0x80;

/** The first byte of a packet that has the fixed header only. */
export function writePlainHeader(packet: Uint8Array): void {
  packet[0] = PLAIN_FIRST_BYTE;
}

export function writePayloadType(packet: Uint8Array, payloadType: number, marker: boolean): void {
  packet[1] = payloadType | (marker ? MARKER : 0);
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
