/** What stands for one sealed packet where its sender says what it has sent. */
import { hash } from 'node:crypto';

/**
 * Enough where a packet that looks like another one is of use for seconds only: to find one takes 2^48 attempts, and what has been found
 * is good for one sequence number of one stream.
 */
export const PACKET_DIGEST_BYTES = 6;

/** The first 48 bits of the packet's SHA-256, as a number. */
export function packetDigest(packet: Uint8Array): number {
  return Number.parseInt(hash('sha256', packet, 'hex').slice(0, 2 * PACKET_DIGEST_BYTES), 16);
}
