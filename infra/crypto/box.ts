/** Boxes under a key that two share: AES-128-GCM, each under another number. */
import { NONCE_BYTES, openGcm, sealGcm, TAG_BYTES } from './gcm.ts';

const NUMBER_BYTES = 6;
/** What a box is longer than what is in it. */
const BOX_BYTES = NUMBER_BYTES + TAG_BYTES;

/**
 * @param key for AES-128
 * @param number of 48 bits, another one for each box under this key
 */
export function sealBox(key: Uint8Array, number: number, content: Uint8Array): Uint8Array {
  const nonce = nonceOf(number);
  return Buffer.concat([nonce.subarray(NONCE_BYTES - NUMBER_BYTES), sealGcm(key, nonce, content)]);
}

/** The number and content of a box; undefined where the key is another one, or the box was changed. */
export function openBox(
  key: Uint8Array,
  box: Uint8Array,
): { readonly number: number; readonly content: Uint8Array } | undefined {
  if (box.length < BOX_BYTES) return undefined;
  const number = Buffer.from(box.buffer, box.byteOffset, NUMBER_BYTES).readUIntBE(0, NUMBER_BYTES);
  const content = openGcm(key, nonceOf(number), box.subarray(NUMBER_BYTES));
  return content && { number, content };
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(number, NONCE_BYTES - NUMBER_BYTES, NUMBER_BYTES);
  return nonce;
}
