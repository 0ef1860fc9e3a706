/** Ed25519 (RFC 8032): the key by which somebody is known, and what it has signed. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

export interface Identity {
  /** 32 bytes in base64url: 43 characters. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function freshIdentity(): Identity {
  return identityOf(generateKeyPairSync('ed25519').privateKey);
}

/** The identity that this text holds in PEM form (PKCS #8, RFC 8410); undefined where it holds none. */
export function readIdentity(pem: string): Identity | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? identityOf(key) : undefined;
  } catch {
    return undefined;
  }
}

export function writeIdentity({ privateKey }: Identity): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function signed({ privateKey }: Identity, bytes: Uint8Array): Uint8Array {
  return sign(null, bytes, privateKey);
}

/** What {@link isSigned} takes; undefined where the text is no key. */
export function verifierOf(publicKey: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

export function isSigned(verifier: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, bytes, verifier, signature);
}

function identityOf(privateKey: KeyObject): Identity {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('This is no Ed25519 key.');
  return { publicKey: x, privateKey };
}
