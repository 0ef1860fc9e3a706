/** AES-128-GCM by the fastest way that this process has. */
import type { PacketGcm, PacketGcmOf } from './contract.ts';
import { nodeGcm } from './node-gcm.ts';
import { loadOpensslGcm } from './openssl-gcm.ts';

let fastest: PacketGcmOf | undefined;

/** @param key of 16 bytes */
export function packetGcm(key: Uint8Array): PacketGcm {
  fastest ??= loadOpensslGcm() ?? nodeGcm;
  return fastest(key);
}
