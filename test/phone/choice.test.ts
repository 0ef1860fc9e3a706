import test from 'ava';
import { dialledRoom } from '../../actors/phone/dialled-room.ts';
import { byUse, chosenPicture } from '../../actors/phone/picture/choice.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';

const VP8 = { codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' };
const H264 = { codec: { name: 'H264', clockRate: 90_000 }, fmtp: 'packetization-mode=1' };
const stream = (peer: string, ssrc: number, more: Partial<RemoteStream> = {}): RemoteStream => ({
  ...{ peer, stream: 'camera', ssrc, media: 'video', payloadType: 96, group: null, ...VP8 },
  ...more,
});
const room = [stream('A', 1), stream('B', 2), stream('C', 3)];
const never = () => false;

test('who is pinned is shown, else who speaks, else the first', (t) => {
  const shown = (pinned: string | null, speaker: string | null) =>
    chosenPicture(room, { pinned, speaker, format: VP8 }, never)?.peer;
  t.deepEqual([shown('C', 'B'), shown(null, 'B'), shown(null, null), shown('X', 'B')], ['C', 'B', 'A', 'B']);
});

test('a picture that the phone cannot decode is none', (t) => {
  const mixed = [stream('A', 1, H264), stream('B', 2)];
  t.is(chosenPicture(mixed, { pinned: 'A', speaker: null, format: VP8 }, never)?.peer, 'B');
  t.is(
    chosenPicture([stream('A', 1, { ...H264, fmtp: '' })], { pinned: null, speaker: null, format: H264 }, never)?.peer,
    'A',
  );
  t.is(
    chosenPicture([stream('A', 1, H264)], { pinned: null, speaker: null, format: { ...H264, fmtp: '' } }, never),
    null,
  );
});

test('of H.264 a phone is shown what it can put together: whole pictures always, pieces where it takes them', (t) => {
  const whole = { ...H264, fmtp: 'packetization-mode=0' };
  const shown = (phone: typeof H264, ...streams: RemoteStream[]) =>
    chosenPicture(streams, { pinned: 'B', speaker: null, format: phone }, never)?.peer;
  const room = [stream('A', 1, whole), stream('B', 2, H264)];
  t.is(shown(H264, ...room), 'B');
  t.is(shown(H264, stream('A', 1, whole)), 'A');
  t.is(shown(whole, ...room), 'A');
  t.is(shown(whole, stream('B', 2, H264)), undefined);
});

test('a phone that takes pieces and whole pictures is answered with pieces, and where nobody speaks H.264 with VP8', (t) => {
  const formats = [
    { payloadType: 96, ...VP8 },
    { payloadType: 97, ...H264 },
    { payloadType: 98, ...H264, fmtp: 'packetization-mode=0' },
  ];
  const first = (...streams: RemoteStream[]) => byUse(formats, streams, null)[0]?.payloadType;
  t.is(first(stream('A', 1, H264)), 97);
  t.is(first(stream('A', 1, { ...H264, fmtp: 'packetization-mode=0' })), 97);
  t.is(first(), 96);
});

test('of the layers of a group the one that comes is shown', (t) => {
  const layers = [stream('A', 1, { group: 'cam' }), stream('A', 2, { group: 'cam', stream: 'large' })];
  t.is(chosenPicture(layers, { pinned: null, speaker: null, format: VP8 }, (ssrc) => ssrc === 2)?.ssrc, 2);
});

test('a phone is answered with what the room speaks, and above all with what it pins', (t) => {
  const formats = [
    { payloadType: 96, ...VP8 },
    { payloadType: 97, ...H264 },
  ];
  const mixed = [...room, stream('D', 4, H264)];
  t.is(byUse(formats, mixed, null)[0]?.payloadType, 96);
  t.is(byUse(formats, mixed, 'D')[0]?.payloadType, 97);
});

test('what is dialled is a room, or a room and a member', (t) => {
  t.deepEqual(dialledRoom('main'), { room: 'main', pinned: null });
  t.deepEqual(dialledRoom('main.C'), { room: 'main', pinned: 'C' });
  for (const text of ['', 'a b', 'main.', 'main.C.D', '>', 'x'.repeat(40)]) t.is(dialledRoom(text), undefined, text);
});
