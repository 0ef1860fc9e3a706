/**
 * A key that all who know a secret have: scrypt (RFC 7914) makes each guess of the secret cost, HKDF (RFC 5869) gives each writer a
 * key of its own, and AES-128-GCM (NIST SP 800-38D) seals what it writes.
 */
import { randomBytes, scrypt } from 'node:crypto';
import { GCM_KEY_BYTES, keyFor, NONCE_BYTES, openGcm, sealGcm, TAG_BYTES } from './gcm.ts';

/** 16 MB and some 30 ms a guess: as much as nobody notices who joins. RFC 7914 section 2 calls that interactive. */
const COST = { N: 2 ** 14, r: 8, p: 1 };
const SECRET_KEY_BYTES = 32;
/** Writers whose keys are at hand; whoever makes up names has them made again. */
const MAX_WRITERS = 1024;

/** What sealing adds. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

export class SecretKey {
  readonly #key: Uint8Array;
  readonly #writers = new Map<string, Uint8Array>();

  private constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @param salt what it is for: the same secret for something else gives another key */
  static async of(secret: string, salt: string): Promise<SecretKey> {
    const bytes = await new Promise<Uint8Array>((resolve, reject) => {
      scrypt(secret.normalize('NFC'), salt, SECRET_KEY_BYTES, COST, (error, key) =>
        error === null ? resolve(key) : reject(error),
      );
    });
    return new SecretKey(bytes);
  }

  /**
   * The bytes, sealed: a nonce, the cipher text, and a tag. Nonces are random: a writer may seal 2^32 messages (SP 800-38D section
   * 8.3), four years of thirty a second.
   *
   * @param about is not sealed, and must be the same when it is opened
   */
  seal(writer: string, about: string, bytes: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    return Buffer.concat([nonce, sealGcm(this.#writerKey(writer), nonce, bytes, about)]);
  }

  /** Undefined: another key, another writer, about something else, or changed on the way. */
  open(writer: string, about: string, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < SEAL_BYTES) return undefined;
    return openGcm(this.#writerKey(writer), sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES), about);
  }

  #writerKey(writer: string): Uint8Array {
    const known = this.#writers.get(writer);
    if (known !== undefined) return known;
    const key = keyFor(this.#key, `writer ${writer}`, GCM_KEY_BYTES);
    if (this.#writers.size >= MAX_WRITERS) this.#writers.clear();
    this.#writers.set(writer, key);
    return key;
  }
}
