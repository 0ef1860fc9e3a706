/** AES-128-GCM by `node:crypto`, which makes an object for each packet: that costs more than the encryption. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { GCM_TAG_BYTES, type PacketGcm } from './contract.ts';

const CIPHER = 'aes-128-gcm';
const TAG_LENGTH = { authTagLength: GCM_TAG_BYTES };

class NodeGcm implements PacketGcm {
  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  seal(iv: Uint8Array, header: Uint8Array, plain: Uint8Array, into: Uint8Array, at: number): void {
    const cipher = createCipheriv(CIPHER, this.#key, iv, TAG_LENGTH);
    cipher.setAAD(header);
    into.set(cipher.update(plain), at);
    cipher.final();
    into.set(cipher.getAuthTag(), at + plain.length);
  }

  open(iv: Uint8Array, header: Uint8Array, sealed: Uint8Array, into: Uint8Array, at: number): boolean {
    const length = sealed.length - GCM_TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, this.#key, iv, TAG_LENGTH);
    decipher.setAAD(header);
    decipher.setAuthTag(sealed.subarray(length));
    const plain = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      // The tag is wrong: this is how Node says it.
      return false;
    }
    into.set(plain, at);
    return true;
  }
}

export const nodeGcm = (key: Uint8Array): PacketGcm => new NodeGcm(key);
