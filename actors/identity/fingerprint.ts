/** A public key in few characters, for people to compare. */
import { createHash } from 'node:crypto';

/** 64 bits: to make another key with the same takes 2^64 tries. */
const DIGITS = 16;

/** @returns like 3f9a-77c2-01be-45d0 */
export function fingerprintOf(publicKey: string): string {
  const hex = createHash('sha256').update(publicKey).digest('hex').slice(0, DIGITS);
  return hex.replace(/(.{4})(?=.)/g, '$1-');
}
