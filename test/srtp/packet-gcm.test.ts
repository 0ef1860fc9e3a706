/** AES-128-GCM by Node and by the OpenSSL that is in it: the same bytes, and the same refusals. */
import test from 'ava';
import koffi from 'koffi';
import { GCM_TAG_BYTES, type PacketGcmOf } from '../../infra/srtp/gcm/contract.ts';
import { nodeGcm } from '../../infra/srtp/gcm/node-gcm.ts';
import { loadOpensslGcm } from '../../infra/srtp/gcm/openssl-gcm.ts';

const bytes = (length: number, seed: number) => Uint8Array.from({ length }, (_, at) => (seed + 37 * at) & 0xff);
const opensslGcm = loadOpensslGcm();
const IV = bytes(12, 5);
const HEADER = bytes(12, 6);
const PLAIN = bytes(1187, 7);

function sealed(gcmOf: PacketGcmOf, plain: Uint8Array, seed = 1): Buffer {
  const into = Buffer.alloc(plain.length + GCM_TAG_BYTES);
  gcmOf(bytes(16, seed)).seal(IV, HEADER, plain, into, 0);
  return into;
}

test('OpenSSL and Node write the same, of whatever length, whichever keys take turns', (t) => {
  if (opensslGcm === undefined) {
    t.log('this Node has no OpenSSL that can be called');
    return t.pass();
  }
  const keys = [1, 2, 3].map((seed) => ({ seed, gcm: opensslGcm(bytes(16, seed)) }));
  for (const length of [0, 1, 15, 16, 17, 1187, 1188]) {
    for (const { seed, gcm } of keys) {
      const plain = bytes(length, seed);
      const into = Buffer.alloc(3 + length + GCM_TAG_BYTES);
      gcm.seal(IV, HEADER, plain, into, 3);
      t.deepEqual(into.subarray(3), sealed(nodeGcm, plain, seed));
      const opened = Buffer.alloc(length);
      t.true(gcm.open(IV, HEADER, into.subarray(3), opened, 0));
      t.deepEqual(opened, Buffer.from(plain));
    }
  }
});

for (const [name, gcmOf] of [
  ['Node', nodeGcm],
  ['OpenSSL', opensslGcm ?? nodeGcm],
] as const) {
  test(`${name}: one changed bit of what is authenticated, and it is refused; what is as it was is still taken`, (t) => {
    const gcm = gcmOf(bytes(16, 1));
    const packet = sealed(gcmOf, PLAIN);
    const into = Buffer.alloc(PLAIN.length);
    for (let at = 0; at < packet.length; at += 7) {
      const broken = Buffer.from(packet);
      broken.writeUInt8(broken.readUInt8(at) ^ 0x10, at);
      t.false(gcm.open(IV, HEADER, broken, into, 0));
    }
    t.false(gcm.open(IV, bytes(12, 9), packet, into, 0));
    t.false(gcm.open(bytes(12, 9), HEADER, packet, into, 0));
    t.false(gcmOf(bytes(16, 2)).open(IV, HEADER, packet, into, 0));
    t.true(gcm.open(IV, HEADER, packet, into, 0));
    t.deepEqual(into, Buffer.from(PLAIN));
  });

  test(`${name}: nothing is written past the end where there is no room`, (t) => {
    const gcm = gcmOf(bytes(16, 1));
    t.throws(() => gcm.seal(IV, HEADER, PLAIN, Buffer.alloc(PLAIN.length + GCM_TAG_BYTES - 1), 0), {
      instanceOf: RangeError,
    });
    t.throws(() => gcm.open(IV, HEADER, sealed(gcmOf, PLAIN), Buffer.alloc(PLAIN.length - 1), 0), {
      instanceOf: RangeError,
    });
  });
}

test('what is refused leaves no error behind that Node would take for its own', (t) => {
  const peekError = koffi.load(null).func('unsigned long ERR_peek_error()');
  const packet = sealed(nodeGcm, PLAIN).fill(0, 0, 1);
  t.false((opensslGcm ?? nodeGcm)(bytes(16, 1)).open(IV, HEADER, packet, Buffer.alloc(PLAIN.length), 0));
  t.is(Number(peekError()), 0);
});
