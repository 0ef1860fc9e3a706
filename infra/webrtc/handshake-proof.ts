/**
 * Whether the client of a DTLS 1.2 handshake is who the offer says: the server that is used here believes everything it is told after
 * the key exchange, so that this is looked at once it has ended (RFC 5246 sections 7.4.8 and 7.4.9).
 */
import { createHash, createHmac, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import type { Fingerprint } from './offer.ts';

const CERTIFICATE_VERIFY = 15;
const FINISHED = 20;
const FINISHED_BYTES = 12;
/** Hash and signature algorithm of a CertificateVerify, in front of its signature; length of the signature. */
const ALGORITHM_BYTES = 2;
const LENGTH_BYTES = 2;
/** ecdsa_secp256r1_sha256 and rsa_pkcs1_sha256 (RFC 8446 section 4.2.3): the two kinds of certificate that browsers make. */
const ALGORITHMS: ReadonlySet<number> = new Set([0x0403, 0x0401]);

/** A message of the handshake. */
export interface HandshakeMessage {
  readonly type: number;
  /** Without its header. */
  readonly body: Buffer;
  /** With its header, as if it had come in one part. */
  readonly bytes: Buffer;
}

export interface Handshake {
  /** All but the first ClientHello and what answers it, in their order. */
  readonly messages: readonly HandshakeMessage[];
  readonly masterSecret: Buffer;
  /** Of the client, in DER. */
  readonly certificate: Buffer | undefined;
}

/** Undefined: it has proved itself. Else what is wrong, for a person. */
export function flawOf({ messages, masterSecret, certificate }: Handshake, expected: Fingerprint): string | undefined {
  if (certificate === undefined) return 'it has no certificate';
  if (!createHash(expected.hash).update(certificate).digest().equals(expected.value)) {
    return 'its certificate is not the one of the offer';
  }
  const verified = messages.findIndex(({ type }) => type === CERTIFICATE_VERIFY);
  const finished = messages.findIndex(({ type }) => type === FINISHED);
  if (verified < 0 || finished < verified) return 'its handshake is not complete';
  if (!isSigned(messages, verified, certificate)) return 'it does not have the key of its certificate';
  return isFinished(messages, finished, masterSecret) ? undefined : 'its handshake was changed on the way';
}

function isSigned(messages: readonly HandshakeMessage[], at: number, certificate: Buffer): boolean {
  const body = messages[at]?.body ?? Buffer.alloc(0);
  if (body.length < ALGORITHM_BYTES + LENGTH_BYTES || !ALGORITHMS.has(body.readUInt16BE(0))) return false;
  const signature = body.subarray(ALGORITHM_BYTES + LENGTH_BYTES);
  if (signature.length !== body.readUInt16BE(ALGORITHM_BYTES)) return false;
  try {
    return verify('sha256', bytesBefore(messages, at), new X509Certificate(certificate).publicKey, signature);
  } catch {
    // Not a certificate, or its key is of another kind: nothing that it has signed.
    return false;
  }
}

function isFinished(messages: readonly HandshakeMessage[], at: number, masterSecret: Buffer): boolean {
  const body = messages[at]?.body;
  if (body?.length !== FINISHED_BYTES) return false;
  const hash = createHash('sha256').update(bytesBefore(messages, at)).digest();
  return timingSafeEqual(body, firstPseudoRandom(masterSecret, Buffer.concat([Buffer.from('client finished'), hash])));
}

/** As much of TLS's pseudo-random function as a Finished has (RFC 5246 section 5). */
function firstPseudoRandom(secret: Buffer, seed: Buffer): Buffer {
  const first = createHmac('sha256', secret).update(seed).digest();
  const output = createHmac('sha256', secret)
    .update(Buffer.concat([first, seed]))
    .digest();
  return output.subarray(0, FINISHED_BYTES);
}

function bytesBefore(messages: readonly HandshakeMessage[], at: number): Buffer {
  return Buffer.concat(messages.slice(0, at).map(({ bytes }) => bytes));
}
