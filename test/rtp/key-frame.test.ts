/** Whether a packet shows a key frame, by the codec's own bytes. */
import test from 'ava';
import fc from 'fast-check';
import { showsKeyFrame, tellsKeyFrames } from '../../infra/codec/key-frame.ts';

/** An RTP packet with a header extension of one word and one contributing source, before this payload. */
function packetOf(...payload: readonly number[]): Uint8Array {
  const header = [0x91, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0xbe, 0xde, 0, 1, 0, 0, 0, 0];
  return Uint8Array.from([...header, ...payload]);
}

const SHOWS: readonly [string, string, readonly number[]][] = [
  ['VP8', 'the first packet of a key frame', [0x10, 0x00]],
  ['vp8', 'one with a long picture id, a layer and a key index', [0x90, 0xf0, 0x81, 0x23, 0x00, 0x00, 0x10]],
  ['VP9', 'the beginning of a frame that needs no other', [0x88, 0x80]],
  ['H264', 'an IDR slice', [0x65, 0x88]],
  ['H264', 'parameter sets and an IDR slice in one', [0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce, 0, 2, 0x65, 0x88]],
  ['H264', 'the first fragment of an IDR slice', [0x7c, 0x85, 0x88]],
  ['H265', 'an IDR slice', [0x26, 0x01, 0xaf]],
  ['H265', 'an aggregate with one', [0x60, 0x01, 0, 2, 0x40, 0x01, 0, 2, 0x26, 0x01]],
  ['H265', 'the first fragment of one', [0x62, 0x01, 0x93]],
  ['AV1', 'a new coded video sequence', [0x18, 0x0a]],
];
const SHOWS_NONE: readonly [string, string, readonly number[]][] = [
  ['VP8', 'a frame that needs another', [0x10, 0x01]],
  ['VP8', 'a later packet of a frame', [0x00, 0x00]],
  ['VP8', 'a later partition', [0x11, 0x00]],
  ['VP8', 'a descriptor without a frame', [0x10]],
  ['VP9', 'a frame that needs another', [0xc8, 0x80]],
  ['H264', 'another slice', [0x61, 0x88]],
  ['H264', 'parameter sets alone', [0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce]],
  ['H264', 'a later fragment of an IDR slice', [0x7c, 0x05, 0x88]],
  ['H264', 'an aggregate whose lengths lie', [0x78, 0xff, 0xff, 0x61]],
  ['H265', 'another slice', [0x02, 0x01]],
  ['H265', 'a later fragment', [0x62, 0x01, 0x13]],
  ['AV1', 'the middle of a sequence', [0x10, 0x0a]],
  ['opus', 'sound', [0x78, 0x00]],
];

for (const [codec, what, payload] of SHOWS) {
  test(`${codec}: ${what} shows a key frame`, (t) => t.true(showsKeyFrame(codec, packetOf(...payload))));
}
for (const [codec, what, payload] of SHOWS_NONE) {
  test(`${codec}: ${what} shows none`, (t) => t.false(showsKeyFrame(codec, packetOf(...payload))));
}

test('a codec whose key frames nobody here can tell says so', (t) => {
  t.true(tellsKeyFrames('vp8'));
  t.false(tellsKeyFrames('JPEG'));
  t.false(tellsKeyFrames('constructor'));
});

test('whatever the payload, reading it ends', (t) => {
  const codec = fc.constantFrom('VP8', 'VP9', 'H264', 'H265', 'AV1');
  fc.assert(
    fc.property(codec, fc.uint8Array({ maxLength: 60 }), (name, payload) => {
      return typeof showsKeyFrame(name, packetOf(...payload)) === 'boolean';
    }),
  );
  t.pass();
});
