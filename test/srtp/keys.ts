/** Master keys as tests use them: any, and the same at each run. */
import { type MasterKey, SRTP_PROFILES, type SrtpProfile } from '../../infra/srtp/profile.ts';

export function masterKey(profile: SrtpProfile, seed = 1): MasterKey {
  const bytes = (length: number, from: number) => Uint8Array.from({ length }, (_, at) => (from + 37 * at) & 0xff);
  return { profile, key: bytes(profile.keyBytes, seed), salt: bytes(profile.saltBytes, seed + 100) };
}

export const MASTER_KEYS = SRTP_PROFILES.map((profile) => masterKey(profile));

/** An empty receiver report with a report block, as a browser sends it. */
export function receiverReport(ssrc: number, reported = 7): Uint8Array {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(0x81c9_0007, 0);
  bytes.writeUInt32BE(ssrc, 4);
  bytes.writeUInt32BE(reported, 8);
  return bytes;
}
