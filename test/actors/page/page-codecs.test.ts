/** What a page may send, and what the room is told of it. */
import test from 'ava';
import { mimeTypesOf, pageCodecs, streamFormat } from '../../../actors/page/page-codecs.ts';

test('the best comes first, and the rest may be received all the same', (t) => {
  const types = mimeTypesOf(pageCodecs('VP8'));
  t.is(types[0], 'video/VP8');
  const other = mimeTypesOf(pageCodecs('H264'));
  t.is(other[0], 'video/H264');
  t.deepEqual([...other].sort(), [...types].sort());
});

test('of a browser’s parameters the room hears what is about what it sends', (t) => {
  const h264 = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f';
  t.deepEqual(streamFormat({ payloadType: 108, codec: 'H264/90000', fmtp: h264 }), {
    ...{ codec: { name: 'H264', clockRate: 90_000 }, media: 'video', payloadType: 96 },
    fmtp: 'packetization-mode=1;profile-level-id=42e01f',
  });
  t.like(streamFormat({ payloadType: 120, codec: 'VP8/90000', fmtp: 'max-fs=12288;max-fr=60' }), { fmtp: '' });
  t.like(streamFormat({ payloadType: 109, codec: 'opus/48000/2', fmtp: 'maxplaybackrate=48000;stereo=1' }), {
    ...{ media: 'audio', payloadType: 111, fmtp: 'minptime=10;useinbandfec=1' },
  });
});
