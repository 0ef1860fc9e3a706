/**
 * A secret that two processes share after each has told the other its public key over the bus: X25519 (RFC 7748), made into
 * the key of their pair by HKDF with SHA-256 (RFC 5869).
 */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

/** 32 bytes in base64url, without padding. */
const PUBLIC_KEY = /^[A-Za-z0-9_-]{43}$/;
/** As long as the output of the hash that the key is used with. */
const PAIR_KEY_BYTES = 32;
/** What PKCS #8 puts before the 32 bytes of an X25519 key (RFC 8410 section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** The keys of a process. They live as long as it does. */
export interface KeyPair {
  /** To be told: 43 characters of base64url. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** What a pair's key is bound to. Both ends give the same, in the same order, or their keys differ. */
export interface KeyBinding {
  readonly salt: string;
  readonly info: string;
}

export function freshKeyPair(): KeyPair {
  return keyPairOf(generateKeyPairSync('x25519').privateKey);
}

/** @param secret 32 bytes */
export function keyPairOfSecret(secret: Uint8Array): KeyPair {
  const key = Buffer.concat([PKCS8_HEAD, secret]);
  return keyPairOf(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

/**
 * The key that `own` shares with the process that told `publicKey`.
 *
 * @param publicKey as it came over the bus
 * @returns 32 bytes; undefined for a text that is no public key, and for one of low order, with which everybody would know the secret
 */
export function pairKey(own: KeyPair, publicKey: string, { salt, info }: KeyBinding): Uint8Array | undefined {
  const secret = sharedSecret(own.privateKey, publicKey);
  if (secret?.some((byte) => byte !== 0) !== true) return undefined;
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, PAIR_KEY_BYTES));
}

function keyPairOf(privateKey: KeyObject): KeyPair {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('This is no X25519 key.');
  return { publicKey: x, privateKey };
}

function sharedSecret(privateKey: KeyObject, x: string): Uint8Array | undefined {
  // Of the last character two bits say nothing. A key is told in one way only.
  if (!PUBLIC_KEY.test(x) || Buffer.from(x, 'base64url').toString('base64url') !== x) return undefined;
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    // So says the library of a point of low order.
    return undefined;
  }
}
