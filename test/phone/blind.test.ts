/** A room whose pictures a phone cannot decode: whoever runs the gateway hears of it, once. */
import test from 'ava';
import type { PhoneNews } from '../../actors/phone/news.ts';
import { PhoneMedia } from '../../actors/phone/phone-media.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { callerAt } from './callers.ts';
import { HOST, now } from './gateways.ts';

const VP8 = { payloadType: 96, codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' };
const WHOLE = { payloadType: 98, codec: { name: 'H264', clockRate: 90_000 }, fmtp: '' };

test('a phone that takes whole pictures of H.264 sees none in pieces', async (t) => {
  const told: PhoneNews[] = [];
  const media = await PhoneMedia.open(HOST, {
    ...{ pinned: null, now, askByCall: () => undefined },
    note: (news) => told.push(news),
  });
  t.teardown(() => media.close());
  const room: { setStreams?: (streams: readonly RemoteStream[]) => void } = {};
  const stream = (format: typeof VP8): RemoteStream => ({
    ...{ peer: 'A', stream: 'camera', ssrc: 1, media: 'video', group: null },
    ...format,
  });
  media.join({
    addSink: (sink) => {
      room.setStreams = sink.setStreams;
      return () => undefined;
    },
    addStream: () => Promise.reject(new Error('over')),
    removeStream: () => Promise.reject(new Error('over')),
    participant: { requestKeyFrame: () => false, own: { setWants: () => undefined } },
  });
  media.follow(
    [{ kind: 'video', format: WHOLE, heardAs: [96], to: null, isSentTo: false, sends: true, keyFrameBy: null }],
    callerAt(HOST),
  );
  t.deepEqual(told, []);
  for (let times = 0; times < 3; times++) room.setStreams?.([stream({ ...WHOLE, fmtp: 'packetization-mode=1' })]);
  t.deepEqual(told, [{ type: 'phone.blind', format: 'H264/90000 mode 0' }]);
  room.setStreams?.([stream({ ...WHOLE, fmtp: 'packetization-mode=0' })]);
  room.setStreams?.([stream(VP8)]);
  t.is(told.length, 2);
});
