/**
 * A sealed message as bytes. In a room without a key it is 0x01 and the content; in one with a key 0x02 and the content as
 * {@link SecretKey} seals it; and the text alone, which begins with a brace, of one who does not sign in a room without a key.
 *
 * ```
 * content:  1 byte    1 where it is signed, else 0
 *           8 bytes   the epoch of the process that it is for; 0: for all, or not known
 *          32 bytes   Ed25519 public key      | where it is signed
 *          64 bytes   Ed25519 signature       |
 *           the text, UTF-8
 * ```
 */
import {
  type Identity,
  isSigned,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
  signed,
  verifierOf,
} from '../../../infra/crypto/identity-key.ts';
import { SEAL_BYTES } from '../../../infra/crypto/secret-key.ts';

export const SIGNED = 0x01;
export const LOCKED = 0x02;

const EPOCH_AT = 1;
const REST_AT = 9;
const SIGNATURE_AT = REST_AT + PUBLIC_KEY_BYTES;
const TEXT_AT = SIGNATURE_AT + SIGNATURE_BYTES;
/** The most that sealing adds to a text. */
export const ENVELOPE_BYTES = 1 + SEAL_BYTES + TEXT_AT;

/** What a signature is of, and nothing else that this key may ever sign. */
const PURPOSE = 'rpr bus message 1';

const decoder = new TextDecoder();

export interface Content {
  readonly forEpoch: number;
  readonly text: Uint8Array;
  /** Null: it is not signed. */
  readonly signature: { readonly key: string; readonly bytes: Uint8Array } | null;
}

export function writeContent(
  subject: string,
  text: Uint8Array,
  forEpoch: number,
  identity: Identity | null,
): Uint8Array {
  const start = identity === null ? REST_AT : TEXT_AT;
  const content = Buffer.alloc(start + text.length);
  content.writeBigUInt64BE(BigInt(forEpoch), EPOCH_AT);
  content.set(text, start);
  if (identity === null) return content;
  content[0] = 1;
  content.write(identity.publicKey, REST_AT, 'base64url');
  content.set(signed(identity, toSign(subject, forEpoch, text)), SIGNATURE_AT);
  return content;
}

/** Undefined where it is none. */
export function readContent(content: Uint8Array): Content | undefined {
  const isToSign = content[0] === 1;
  if (content.length < (isToSign ? TEXT_AT : REST_AT) || (!isToSign && content[0] !== 0)) return undefined;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const forEpoch = Number(bytes.readBigUInt64BE(EPOCH_AT));
  if (!isToSign) return { forEpoch, text: bytes.subarray(REST_AT), signature: null };
  const key = bytes.toString('base64url', REST_AT, SIGNATURE_AT);
  const signature = { key, bytes: bytes.subarray(SIGNATURE_AT, TEXT_AT) };
  return { forEpoch, text: bytes.subarray(TEXT_AT), signature };
}

/** Whether the key in it has signed it; true of what is not signed. */
export function isGenuine(subject: string, { forEpoch, text, signature }: Content): boolean {
  if (signature === null) return true;
  const verifier = cachedVerifier(signature.key);
  return verifier !== undefined && isSigned(verifier, toSign(subject, forEpoch, text), signature.bytes);
}

/** Making one of 32 bytes takes half as long as checking a signature with it. */
const verifiers = new Map<string, ReturnType<typeof verifierOf>>();
const MAX_VERIFIERS = 1024;

function cachedVerifier(key: string): ReturnType<typeof verifierOf> {
  const known = verifiers.get(key);
  if (known !== undefined) return known;
  const verifier = verifierOf(key);
  if (verifiers.size >= MAX_VERIFIERS) verifiers.clear();
  verifiers.set(key, verifier);
  return verifier;
}

function toSign(subject: string, forEpoch: number, text: Uint8Array): Uint8Array {
  // Neither the purpose nor a subject holds a line feed, so that no two messages have the same bytes.
  return Buffer.concat([Buffer.from(`${PURPOSE}\n${subject}\n${forEpoch}\n`), text]);
}

/** What a message says, for one who only watches and believes it unproved; undefined where that is sealed under the room's key. */
export function uncheckedText(bytes: Uint8Array): string | undefined {
  if (bytes[0] === LOCKED) return undefined;
  const text = bytes[0] === SIGNED ? readContent(bytes.subarray(1))?.text : bytes;
  return text === undefined ? undefined : decoder.decode(text);
}
