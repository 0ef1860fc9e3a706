/** Session keys out of a master key (RFC 3711 section 4.3, RFC 7714 section 11). */
import { createCipheriv } from 'node:crypto';
import type { MasterKey } from './profile.ts';

/** What a key is for (RFC 3711 section 4.3.2). */
const LABELS = { encryption: 0, authentication: 1, salt: 2 } as const;
/** SRTCP's labels are those of SRTP and three more. */
const RTCP_LABEL = 3;

const BLOCK_BYTES = 16;
/** In the first 14 bytes of the block; those of RFC 7714 are shorter and end with zeros. The label stands before the last six. */
const LABEL_AT = 7;

/**
 * A session key or salt of `bytes` bytes. Keys are never derived anew: the rate is 0, as DTLS-SRTP has it.
 *
 * @param of a part of RTP or of RTCP, which share nothing but the master key
 */
export function deriveKey(
  { key, salt }: Pick<MasterKey, 'key' | 'salt'>,
  protocol: 'rtp' | 'rtcp',
  of: keyof typeof LABELS,
  bytes: number,
): Buffer {
  const counter = Buffer.alloc(BLOCK_BYTES);
  counter.set(salt);
  counter.writeUInt8(counter.readUInt8(LABEL_AT) ^ (LABELS[of] + (protocol === 'rtcp' ? RTCP_LABEL : 0)), LABEL_AT);
  return createCipheriv('aes-128-ctr', key, counter).update(Buffer.alloc(bytes));
}
