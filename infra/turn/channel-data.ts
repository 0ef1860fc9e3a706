/** What goes through a TURN channel over UDP: four bytes, then the packet (RFC 8656 sections 12.4 and 12.5). */

/** Channel number and length. Over UDP nothing fills it up. */
export const CHANNEL_HEADER_BYTES = 4;
export const FIRST_CHANNEL = 0x4000;
export const LAST_CHANNEL = 0x4fff;
/** No channel has this number. */
export const NO_CHANNEL = 0;

/**
 * The channel that a datagram of `length` bytes came through, or {@link NO_CHANNEL} where it is no ChannelData (first byte 64 to 79,
 * RFC 7983) or ends before its packet does. Makes nothing, so that it may be asked for every packet.
 */
export function channelOf(bytes: Uint8Array, length: number): number {
  if (length < CHANNEL_HEADER_BYTES) return NO_CHANNEL;
  const channel = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (channel < FIRST_CHANNEL || channel > LAST_CHANNEL) return NO_CHANNEL;
  return CHANNEL_HEADER_BYTES + channelDataLength(bytes) > length ? NO_CHANNEL : channel;
}

/** How long the packet behind the header is, in bytes, where {@link channelOf} has found a channel. What follows it is no part of it. */
export function channelDataLength(bytes: Uint8Array): number {
  return ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
}

/** Writes the header for a packet of `length` bytes at `at`; the packet follows it. */
export function writeChannelHeader(bytes: Uint8Array, at: number, channel: number, length: number): void {
  bytes[at] = channel >> 8;
  bytes[at + 1] = channel & 0xff;
  bytes[at + 2] = length >> 8;
  bytes[at + 3] = length & 0xff;
}
