/**
 * ChannelData of TURN (RFC 8656 section 12.4): what goes to a peer through a TURN server, or comes from it, has the channel's number
 * and its own length in front, two bytes each. Over UDP there may be padding behind it.
 */

export const CHANNEL_HEADER_BYTES = 4;

/** Numbers of channels (RFC 8656 section 12). */
export const FIRST_CHANNEL = 0x4000;
export const LAST_CHANNEL = 0x4fff;

/** 64..79 are ChannelData's (RFC 7983 section 7): the upper half of the first byte is 4. */
const CHANNEL_NIBBLE = 4;

/** Whether a datagram begins as ChannelData does. No RTP and no RTCP does. */
export function looksLikeChannelData(packet: Uint8Array): boolean {
  return (packet[0] ?? 0) >>> 4 === CHANNEL_NIBBLE;
}

/** The number of the channel of something that {@link looksLikeChannelData}. */
export function readChannel(packet: Uint8Array): number {
  return ((packet[0] ?? 0) << 8) | (packet[1] ?? 0);
}

/** How many bytes the ChannelData in a datagram of `length` bytes holds, as it says itself; -1 where they are not all there. */
export function readChannelLength(packet: Uint8Array, length: number): number {
  const held = ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
  return CHANNEL_HEADER_BYTES + held <= length ? held : -1;
}

/** Writes what stands in front of `length` bytes to `channel`. */
export function writeChannelHeader(bytes: Uint8Array, at: number, channel: number, length: number): void {
  bytes[at] = channel >>> 8;
  bytes[at + 1] = channel & 0xff;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length & 0xff;
}

/** A copy of `payload` as it goes to the TURN server. */
export function inChannel(payload: Uint8Array, channel: number): Uint8Array {
  const datagram = new Uint8Array(CHANNEL_HEADER_BYTES + payload.length);
  writeChannelHeader(datagram, 0, channel, payload.length);
  datagram.set(payload, CHANNEL_HEADER_BYTES);
  return datagram;
}
