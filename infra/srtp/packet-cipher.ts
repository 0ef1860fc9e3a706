/** Encryption and authentication of one packet whose index is known. What packets have come before does not matter here. */

/**
 * The keys of one direction. Readers give the length of the packet that they have written into `into`, or -1: the packet is not
 * authentic. `into` is at least as long as the protected packet, and shares no memory with the one that is read.
 */
export interface PacketCipher {
  /** So many bytes an RTP packet becomes longer. */
  readonly rtpTagBytes: number;
  /** The same of RTCP, its index included. */
  readonly rtcpTrailerBytes: number;
  /** Where the word with E bit and index begins, counted from the end of the protected packet. */
  readonly rtcpIndexFromEnd: number;
  /**
   * @param headerBytes what stays readable: the header with contributing sources and extension
   * @param cycles how often the sequence number has wrapped around (ROC)
   */
  sealRtp(packet: Uint8Array, headerBytes: number, cycles: number, into: Uint8Array): number;
  openRtp(packet: Uint8Array, headerBytes: number, cycles: number, into: Uint8Array): number;
  /** @param index 0 to 2^31 - 1, another one for each packet */
  sealRtcp(packet: Uint8Array, index: number, into: Uint8Array): number;
  openRtcp(packet: Uint8Array, index: number, into: Uint8Array): number;
}

/** Of an RTCP packet this much stays readable: header and SSRC of its first part (RFC 3711 section 3.4). */
export const RTCP_HEADER_BYTES = 8;
/** The word behind the encrypted part of an RTCP packet: E bit and index. */
export const RTCP_INDEX_BYTES = 4;
/** Set: the packet is encrypted. We neither write others nor take them. */
export const ENCRYPTED_BIT = 0x8000_0000;
