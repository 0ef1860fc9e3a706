/** The examples of the RFCs, byte for byte. */
import test from 'ava';
import { CounterModeCipher } from '../../infra/srtp/counter-mode-cipher.ts';
import { GcmCipher } from '../../infra/srtp/gcm-cipher.ts';
import { deriveKey } from '../../infra/srtp/key-derivation.ts';
import { SRTP_PROFILES } from '../../infra/srtp/profile.ts';
import { SrtpReceiver, SrtpSender } from '../../infra/srtp/srtp.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** RFC 7714 section 16.1 and 17.1. */
const GCM_KEY = { key: hex('000102030405060708090a0b0c0d0e0f'), salt: hex('517569642070726f2071756f') };
const GCM_RTP = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070
  61727465 73207472 6573`);
const GCM_SRTP = hex(`8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a
  51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`);
const GCM_RTCP_INDEX = 0x5d4;
const GCM_RTCP = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef
  deadbeef deadbeef deadbeef`);
const GCM_SRTCP = hex(`81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda
  4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`);

test('AEAD_AES_128_GCM: RTP (RFC 7714 section 16.1)', (t) => {
  const cipher = new GcmCipher({ rtp: GCM_KEY, rtcp: GCM_KEY });
  const into = Buffer.alloc(100);
  t.deepEqual(into.subarray(0, cipher.sealRtp(GCM_RTP, 12, 0, into)), GCM_SRTP);
  t.deepEqual(into.subarray(0, cipher.openRtp(GCM_SRTP, 12, 0, into)), GCM_RTP);
  t.is(cipher.openRtp(GCM_SRTP, 12, 1, into), -1);
});

test('AEAD_AES_128_GCM: RTCP (RFC 7714 section 17.1)', (t) => {
  const cipher = new GcmCipher({ rtp: GCM_KEY, rtcp: GCM_KEY });
  const into = Buffer.alloc(100);
  t.deepEqual(into.subarray(0, cipher.sealRtcp(GCM_RTCP, GCM_RTCP_INDEX, into)), GCM_SRTCP);
  t.deepEqual(into.subarray(0, cipher.openRtcp(GCM_SRTCP, GCM_RTCP_INDEX, into)), GCM_RTCP);
});

test('AES in counter mode (RFC 3711 appendix B.2)', (t) => {
  const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
  const part = { key, salt: hex('f0f1f2f3f4f5f6f7f8f9fafbfcfd'), authentication: Buffer.alloc(20) };
  const cipher = new CounterModeCipher({ rtp: part, rtcp: part });
  const into = Buffer.alloc(100);
  // Zeros become the key stream itself; SSRC and index are 0 in the example.
  cipher.sealRtp(Buffer.alloc(12 + 48), 12, 0, into);
  const stream = 'e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab 41e95b3bb0a2e8dd477901e4fca894c0';
  t.deepEqual(into.subarray(12, 12 + 48), hex(stream));
});

test('keys out of the master key (RFC 3711 appendix B.3)', (t) => {
  const master = { key: hex('e1f97a0d3e018be0d64fa32c06de4139'), salt: hex('0ec675ad498afeebb6960b3aabe6') };
  t.deepEqual(deriveKey(master, 'rtp', 'encryption', 16), hex('c61e7a93744f39ee10734afe3ff7a087'));
  t.deepEqual(deriveKey(master, 'rtp', 'salt', 14), hex('30cbbc08863d8c85d49db34a9ae1'));
  t.deepEqual(deriveKey(master, 'rtp', 'authentication', 20), hex('cebe321f6ff7716b6fd4ab49af256a156d38baa4'));
});

test('AES_CM_128_HMAC_SHA1_80: the packet that libsrtp checks itself with', (t) => {
  const [, profile] = SRTP_PROFILES;
  const key = hex('e1f97a0d3e018be0d64fa32c06de4139');
  const master = { profile, key, salt: hex('0ec675ad498afeebb6960b3aabe6') };
  const plain = hex('800f1234 decafbad cafebabe abababab abababab abababab abababab');
  const sealed = hex('800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb');
  t.deepEqual(Buffer.from(new SrtpSender(master).protectRtp(plain)), sealed);
  t.deepEqual(new SrtpReceiver(master).unprotectRtp(sealed), plain);
});
