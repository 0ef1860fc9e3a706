/** What is written is read as the same, and holds only with its key; what else comes is refused, and nothing breaks. */
import { createHmac } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { isStun } from '../../infra/stun/attributes.ts';
import { longTermKey, verifyStun } from '../../infra/stun/integrity.ts';
import { ATTRIBUTE, MAX_ATTRIBUTES, MAX_STUN_BYTES, type StunMessage } from '../../infra/stun/message.ts';
import { readStun } from '../../infra/stun/read.ts';
import { freshTransactionId, writeStun } from '../../infra/stun/write.ts';
import { anyMessage } from './messages.ts';

const KEY = Buffer.from('the key of a pair');
const CHECK: StunMessage = {
  ...{ class: 'request', method: 'binding', transactionId: '00112233445566778899aabb' },
  ...{ username: 'B:A', serial: 3 },
};

/** A message of these attributes, each with its padding. */
function built(type: number, ...attributes: readonly (readonly [type: number, value: Uint8Array])[]): Uint8Array {
  const parts = attributes.map(([kind, value]) => {
    const part = Buffer.alloc(4 + ((value.length + 3) & ~3));
    part.writeUInt16BE(kind, 0);
    part.writeUInt16BE(value.length, 2);
    part.set(value, 4);
    return part;
  });
  const header = Buffer.from('000000002112a442ffffffffffffffffffffffff', 'hex');
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(
    parts.reduce((sum, part) => sum + part.length, 0),
    2,
  );
  return Buffer.concat([header, ...parts]);
}

test('every message is read as it was written, with and without MAC and fingerprint', (t) => {
  const property = fc.property(anyMessage, fc.constantFrom('sha1', 'sha256'), fc.boolean(), (message, hash, isBare) => {
    const bytes = writeStun(message, isBare ? { fingerprint: false } : { integrity: { hash, key: KEY } });
    t.deepEqual(readStun(bytes), { ...message, notUnderstood: [], hasIntegrity: !isBare, hasFingerprint: !isBare });
    t.true(isStun(bytes, bytes.length));
    t.is(verifyStun(bytes, KEY), !isBare);
    t.false(verifyStun(bytes, Buffer.from('another key')));
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});

test('bytes of any kind are read or refused', (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, hasCookie) => {
    if (hasCookie && bytes.length >= 20) bytes.set([0, 1, 0, bytes.length - 20, 0x21, 0x12, 0xa4, 0x42]);
    readStun(bytes);
    t.false(verifyStun(bytes, KEY));
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 2000 }));
});

test('no byte of a sealed message may change', (t) => {
  const bytes = writeStun(CHECK, { integrity: { hash: 'sha256', key: KEY } });
  for (let at = 0; at < bytes.length - 8; at += 1) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    t.false(verifyStun(changed, KEY), `byte ${at}`);
  }
});

test('the SHA-256 MAC is the one of RFC 8489 section 14.6', (t) => {
  const bytes = writeStun(CHECK, { integrity: { hash: 'sha256', key: KEY } });
  const covered = Buffer.from(bytes.subarray(0, bytes.length - 8 - 36));
  covered.writeUInt16BE(bytes.length - 8 - 20, 2);
  const mac = createHmac('sha256', KEY).update(covered).digest();
  t.deepEqual(Buffer.from(bytes.subarray(bytes.length - 40, bytes.length - 8)), mac);
});

test('a shortened MAC proves nothing', (t) => {
  const head = built(0x0001);
  const mac = createHmac('sha256', KEY).update(head).digest().subarray(0, 16);
  t.false(verifyStun(built(0x0001, [ATTRIBUTE.messageIntegritySha256, mac]), KEY));
  t.false(verifyStun(built(0x0001, [ATTRIBUTE.messageIntegrity, new Uint8Array(0)]), KEY));
});

test('a right SHA-1 does not help where the SHA-256 is wrong', (t) => {
  const sealed = writeStun(CHECK, { integrity: { hash: 'sha1', key: KEY }, fingerprint: false });
  const both = Buffer.concat([sealed, Buffer.from('001c0020', 'hex'), Buffer.alloc(32)]);
  both.writeUInt16BE(both.length - 20, 2);
  t.true(verifyStun(sealed, KEY));
  t.false(verifyStun(both, KEY));
});

test('what follows the MAC is not taken', (t) => {
  const mac: readonly [number, Uint8Array] = [ATTRIBUTE.messageIntegrity, Buffer.alloc(20)];
  const late = built(0x0001, mac, [ATTRIBUTE.username, Buffer.from('late')], [0x7777, Buffer.alloc(4)]);
  t.like(readStun(late), { username: undefined, notUnderstood: [], hasIntegrity: true });
});

test('of an attribute that comes twice the first counts', (t) => {
  const name = (text: string) => [ATTRIBUTE.username, Buffer.from(text)] as const;
  t.is(readStun(built(0x0001, name('one'), name('two')))?.username, 'one');
});

test('unknown attributes are told where they must be understood, and passed over where not', (t) => {
  t.deepEqual(readStun(built(0x0001, [0x7fff, Buffer.alloc(3)], [0x8abc, Buffer.alloc(1)]))?.notUnderstood, [0x7fff]);
});

test('an old server that tells the plain address too is understood', (t) => {
  const plain = Buffer.from('00010fa0c0000201', 'hex');
  t.like(readStun(built(0x0101, [0x0001, plain], [0x0004, plain], [0x0005, plain])), { notUnderstood: [] });
});

const FILLER: readonly [number, Uint8Array] = [0x8abc, new Uint8Array(0)];
const malformed: Readonly<Record<string, Uint8Array>> = {
  'an attribute beyond the end': built(0x0001).map((byte, at) => (at === 3 ? 4 : byte)),
  'a length that is not the datagram\u2019s': Buffer.concat([built(0x0001), Buffer.alloc(4)]),
  'another cookie': built(0x0001).map((byte, at) => (at === 4 ? 0 : byte)),
  'an RTP packet': built(0x0001).map((byte, at) => (at === 0 ? 0x80 : byte)),
  'a method that is not ours': built(0x0002),
  'more attributes than are read': built(0x0001, ...Array.from({ length: MAX_ATTRIBUTES + 1 }, () => FILLER)),
  'more bytes than are read': built(0x0001, [0x8abc, Buffer.alloc(MAX_STUN_BYTES - 20)]),
  'a name that is no text': built(0x0001, [ATTRIBUTE.username, Uint8Array.of(0xff, 0xfe)]),
  'an address of no family': built(0x0101, [ATTRIBUTE.xorMappedAddress, Buffer.from('0003a147e112a643', 'hex')]),
  'an IPv4 address too short': built(0x0101, [ATTRIBUTE.xorMappedAddress, Buffer.from('0001a147e112a6', 'hex')]),
  'an IPv6 address too short': built(0x0101, [ATTRIBUTE.xorMappedAddress, Buffer.from('0002a147e112a643', 'hex')]),
  'port 0': built(0x0101, [ATTRIBUTE.xorMappedAddress, Buffer.from('00012112e112a643', 'hex')]),
  'error 200': built(0x0111, [ATTRIBUTE.errorCode, Uint8Array.of(0, 0, 2, 0)]),
  'error 4 and 100': built(0x0111, [ATTRIBUTE.errorCode, Uint8Array.of(0, 0, 4, 100)]),
  'an error without a number': built(0x0111, [ATTRIBUTE.errorCode, Uint8Array.of(0, 0, 4)]),
  'a serial number of five bytes': built(0x0001, [ATTRIBUTE.serial, Buffer.alloc(5)]),
  'a fingerprint that is not the last': built(0x0001, [ATTRIBUTE.fingerprint, Buffer.alloc(4)], FILLER),
  'half a type': built(0x0111, [ATTRIBUTE.unknownAttributes, Buffer.alloc(3)]),
};
for (const [name, bytes] of Object.entries(malformed)) {
  test(`${name}: refused`, (t) => {
    t.is(readStun(bytes), undefined);
  });
}

test('as much as may be is read', (t) => {
  t.truthy(readStun(built(0x0001, ...Array.from({ length: MAX_ATTRIBUTES }, () => FILLER))));
  t.truthy(readStun(built(0x0001, [0x8abc, Buffer.alloc(MAX_STUN_BYTES - 24)])));
});

test('an IPv4 address written as IPv6 is read as IPv4', (t) => {
  const mappedAddress = { host: '192.0.2.1', port: 4000 };
  const bytes = writeStun({ ...CHECK, mappedAddress: { host: '::ffff:192.0.2.1', port: 4000 } });
  t.deepEqual(readStun(bytes)?.mappedAddress, mappedAddress);
});

test('STUN is told from RTP, from ChannelData and from what is too short', (t) => {
  const bytes = writeStun(CHECK);
  t.true(isStun(bytes, 20));
  t.false(isStun(bytes, 19));
  t.false(isStun(new Uint8Array(0), 0));
  for (const first of [0x40, 0x4f, 0x80, 0xbf]) {
    t.false(isStun(Uint8Array.of(first, ...bytes.subarray(1)), bytes.length));
  }
  t.false(isStun(Uint8Array.from(bytes.subarray(0, 20)).fill(0, 4, 8), 20));
});

test('transaction ids are 24 hex digits, each another', (t) => {
  const ids = new Set(Array.from({ length: 100 }, freshTransactionId));
  t.is(ids.size, 100);
  for (const id of ids) t.regex(id, /^[0-9a-f]{24}$/);
});

test('a password counts as a person sees it, however its accents are put together', (t) => {
  t.deepEqual(longTermKey('u', 'r', 'e\u0301'), longTermKey('u', 'r', '\u00e9'));
});
