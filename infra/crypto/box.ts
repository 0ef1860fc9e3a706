/** Boxes under a key that two share: AES-128-GCM, each under another number. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

const CIPHER = 'aes-128-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const BOX_KEY_BYTES = 16;
const NUMBER_BYTES = 6;
/** What a box is longer than what is in it. */
const BOX_BYTES = NUMBER_BYTES + TAG_BYTES;

/** A key for one purpose out of a shared one, by HKDF with SHA-256 (RFC 5869). */
export function keyFor(shared: Uint8Array, purpose: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', shared, '', purpose, bytes));
}

/**
 * @param key of {@link BOX_KEY_BYTES}
 * @param number of 48 bits, another one for each box under this key
 */
export function sealBox(key: Uint8Array, number: number, content: Uint8Array): Uint8Array {
  const nonce = nonceOf(number);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const head = nonce.subarray(NONCE_BYTES - NUMBER_BYTES);
  return Buffer.concat([head, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** The number and content of a box; undefined where the key is another one, or the box was changed. */
export function openBox(
  key: Uint8Array,
  box: Uint8Array,
): { readonly number: number; readonly content: Uint8Array } | undefined {
  if (box.length < BOX_BYTES) return undefined;
  const number = Buffer.from(box.buffer, box.byteOffset, NUMBER_BYTES).readUIntBE(0, NUMBER_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonceOf(number), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  const content = decipher.update(box.subarray(NUMBER_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // The tag is wrong: this is how Node says it.
    return undefined;
  }
  return { number, content };
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(number, NONCE_BYTES - NUMBER_BYTES, NUMBER_BYTES);
  return nonce;
}
