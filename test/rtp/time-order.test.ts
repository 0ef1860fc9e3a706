/** Of which packets an earlier timestamp means that a clock was set back. */
import test from 'ava';
import type { Codec, Media } from '../../infra/codec/codec.ts';
import { neverGoesBack } from '../../infra/rtp/time-order.ts';
import { rtpPacket } from './packets.ts';

const says = (media: Media, name: string, ...payload: readonly number[]) => {
  const codec: Codec = { name, clockRate: 90_000 };
  return neverGoesBack(media, codec, rtpPacket({ sequence: 1, payload: Uint8Array.from(payload) }));
};

test('sound, and pictures that are sent as they are shown, never go back', (t) => {
  for (const name of ['opus', 'MPEG4-GENERIC', 'something-new']) t.true(says('audio', name, 1, 2, 3), name);
  for (const name of ['VP8', 'vp9', 'AV1', 'JPEG']) t.true(says('video', name, 1, 2, 3), name);
});

test('of H.264 and H.265 key pictures do not, nor the parameter sets before them', (t) => {
  t.true(says('video', 'H264', 0x65, 0x88));
  t.true(says('video', 'H264', 0x67, 0x64, 0x00));
  t.true(says('video', 'H264', 0x7c, 0x85, 0x88));
  t.true(says('video', 'H265', 0x26, 0x01, 0xaf));
  t.true(says('video', 'H265', 0x40, 0x01, 0x0c));
  t.false(says('video', 'H264', 0x41, 0x9a));
  t.false(says('video', 'H264', 0x7c, 0x05, 0x88));
  t.false(says('video', 'H264'));
  t.false(says('video', 'H265', 0x02, 0x01, 0xd0));
});

test('of pictures that nobody here can read nothing is known', (t) => {
  t.false(says('video', 'MPV', 0, 0, 1));
});
