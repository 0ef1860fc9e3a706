/** What a source tells of the packets that it has sent, as it goes over the wire. */
import test from 'ava';
import { freshIdentity, isSigned, signed, verifierOf } from '../../infra/crypto/identity-key.ts';
import {
  MOST_DIGESTED,
  readDigestAsks,
  readStreamDigests,
  type StreamDigest,
  writeDigestAsk,
  writeStreamDigest,
} from '../../infra/rtcp/stream-digest.ts';
import { packetDigest } from '../../infra/srtp/packet-digest.ts';

const identity = freshIdentity();
const sign = (bytes: Uint8Array) => signed(identity, bytes);
const TOLD: StreamDigest = {
  ...{ streamSsrc: 0x1234_5678, number: 70_000, writtenMs: 2 ** 40 + 3, highest: 2 ** 47 + 65_535 },
  packets: [
    { sequence: 65_535, digest: 2 ** 48 - 1 },
    { sequence: 0, digest: 0 },
  ],
};

test('it says again what was told, and its signature is over all of that', (t) => {
  const bytes = writeStreamDigest(TOLD, 9, sign);
  const [read] = readStreamDigests(bytes);
  const { signed: over, signature, packet, ...told } = read ?? { signed: bytes, signature: bytes, packet: bytes };
  t.deepEqual(told, TOLD);
  t.deepEqual(Buffer.from(packet), Buffer.from(bytes));
  const verifier = verifierOf(identity.publicKey);
  t.true(verifier !== undefined && isSigned(verifier, over, signature));
  for (let at = 12; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    const [other] = readStreamDigests(changed);
    t.false(
      verifier !== undefined && other !== undefined && isSigned(verifier, other.signed, other.signature),
      `byte ${at}`,
    );
  }
});

test('several in a datagram, beside other packets; none, where nothing was sent', (t) => {
  const empty = { ...TOLD, number: 2, packets: [] };
  const datagram = Buffer.concat([
    writeStreamDigest(TOLD, 9, sign),
    writeDigestAsk({ streamSsrc: 5, after: 6 }, 9),
    writeStreamDigest(empty, 9, sign),
  ]);
  t.deepEqual(
    readStreamDigests(datagram).map(({ number, packets }) => [number, packets.length]),
    [
      [70_000, 2],
      [2, 0],
    ],
  );
  t.deepEqual(readDigestAsks(datagram), [{ streamSsrc: 5, after: 6 }]);
});

test('one that is cut, too long, or not of whole entries is none', (t) => {
  const packets = Array.from({ length: MOST_DIGESTED }, (_, sequence) => ({ sequence, digest: sequence }));
  const most = writeStreamDigest({ ...TOLD, packets }, 9, sign);
  t.is(readStreamDigests(most)[0]?.packets.length, MOST_DIGESTED);
  t.true(most.length <= 1150);
  for (let length = 0; length < most.length; length++) t.deepEqual(readStreamDigests(most.subarray(0, length)), []);
  const more = [...packets, { sequence: 1, digest: 1 }];
  t.deepEqual(readStreamDigests(writeStreamDigest({ ...TOLD, packets: more }, 9, sign)), []);
  const odd = Buffer.concat([writeStreamDigest(TOLD, 9, sign), Buffer.alloc(4)]);
  odd.writeUInt16BE(odd.length / 4 - 1, 2);
  t.deepEqual(readStreamDigests(odd), []);
});

test('what stands for a packet is the first 48 bits of its SHA-256 (FIPS 180-4: of "abc")', (t) => {
  t.is(packetDigest(Buffer.from('abc')), 0xba78_16bf_8f01);
});
