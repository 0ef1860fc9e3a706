/** The gateway's certificate: self-signed, known to the page by its fingerprint alone (RFC 8827 section 6.5), and made anew for each link. */
import { createHash } from 'node:crypto';
import type { SignatureHash } from 'werift';
import type { Fingerprint } from './offer.ts';

export type Werift = typeof import('werift');

export interface Certificate {
  /** Both in PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly signatureHash: SignatureHash;
  readonly fingerprint: Fingerprint;
}

/** ECDSA with SHA-256 (RFC 5246 section 7.4.1.4.1) on the curve P-256 (RFC 8422 section 5.1.1): all browsers know it. */
const ECDSA_SHA256: SignatureHash = { hash: 4, signature: 3 };
const SECP256R1 = 23;

/** Loading it costs 270 ms of processor time and 31 MB: only who opens a page pays it. Further calls give the same module. */
export function loadWerift(): Promise<Werift> {
  return import('werift');
}

export async function makeCertificate({ CipherContext }: Werift): Promise<Certificate> {
  const made = await CipherContext.createSelfSignedCertificateWithKey(ECDSA_SHA256, SECP256R1);
  const value = createHash('sha256').update(derOf(made.certPem)).digest();
  const { certPem: certificate, keyPem: key, signatureHash } = made;
  return { certificate, key, signatureHash, fingerprint: { hash: 'sha256', value } };
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
}
