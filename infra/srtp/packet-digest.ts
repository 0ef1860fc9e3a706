/** What stands for one sealed packet where its sender says what it has sent. */
import { hash } from 'node:crypto';
import { loadOpensslSha256, type Sha256 } from './openssl-sha256.ts';

/**
 * Enough where a packet that looks like another one is of use for seconds only: to find one takes 2^48 attempts, and what has been found
 * is good for one sequence number of one stream.
 */
export const PACKET_DIGEST_BYTES = 6;

const nodeSha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer');

/** By the fastest way that this process has. */
let sha256: Sha256 | undefined;

/** The first 48 bits of the packet's SHA-256, as a number. */
export function packetDigest(packet: Uint8Array): number {
  sha256 ??= loadOpensslSha256() ?? nodeSha256;
  const told = sha256(packet);
  return beUint(told, 0) * 0x1_00_00_00 + beUint(told, 3);
}

/** Three bytes. */
function beUint(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}
