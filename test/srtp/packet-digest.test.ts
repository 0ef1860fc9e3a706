import { createHash } from 'node:crypto';
import test from 'ava';
import { loadOpensslSha256 } from '../../infra/srtp/openssl-sha256.ts';
import { packetDigest } from '../../infra/srtp/packet-digest.ts';

/** Around the ends of SHA-256's blocks, where it pads by one block more, and a packet. */
const LENGTHS = [0, 1, 55, 56, 63, 64, 65, 1217];
const packetOf = (length: number) => Uint8Array.from({ length }, (_, at) => (31 * at + length) & 0xff);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

test('the digest is the first 48 bits of SHA-256, whoever computes it', (t) => {
  for (const length of LENGTHS) {
    const packet = packetOf(length);
    t.is(packetDigest(packet), sha256(packet).readUIntBE(0, 6), `${length} bytes`);
  }
});

test('part of a larger buffer is hashed without what stands around it', (t) => {
  const packet = packetOf(1217);
  t.is(packetDigest(packet.subarray(5, 1205)), sha256(packet.slice(5, 1205)).readUIntBE(0, 6));
});

test('what OpenSSL hashes by FFI is what node:crypto hashes, packet after packet', (t) => {
  const openssl = loadOpensslSha256();
  if (openssl === undefined) return t.pass('this program has no OpenSSL that can be called');
  for (const length of LENGTHS) t.deepEqual(Buffer.from(openssl(packetOf(length))), sha256(packetOf(length)));
  return undefined;
});
