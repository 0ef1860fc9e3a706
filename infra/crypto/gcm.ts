/** AES-128-GCM (NIST SP 800-38D) of whole messages, and keys for it out of a shared one. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

const CIPHER = 'aes-128-gcm';
export const GCM_KEY_BYTES = 16;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** A key for one purpose out of a shared one, by HKDF with SHA-256 (RFC 5869). */
export function keyFor(shared: Uint8Array, purpose: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', shared, '', purpose, bytes));
}

/**
 * The cipher text and the tag behind it.
 *
 * @param nonce another one for each message under this key
 * @param about is not sealed, and must be the same when it is opened
 */
export function sealGcm(key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array, about = ''): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(about));
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @returns undefined: another key, nonce or `about`, or changed on the way. @param sealed of {@link TAG_BYTES} at least */
export function openGcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, about = ''): Uint8Array | undefined {
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch {
    // The tag is wrong: this is how Node says it.
    return undefined;
  }
}
