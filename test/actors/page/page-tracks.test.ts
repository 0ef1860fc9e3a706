/** The tracks of a page come and go as streams of the room. */
import test from 'ava';
import type { OpenSource } from '../../../actors/call/own-sources.ts';
import type { StreamFormat } from '../../../actors/options/contract.ts';
import type { AnsweredTrack } from '../../../actors/page/own-tracks.ts';
import { PageFeeds } from '../../../actors/page/page-feeds.ts';
import { PageTracks } from '../../../actors/page/page-tracks.ts';
import { readKeyFrameRequests } from '../../../infra/rtcp/feedback.ts';
import { readReportBlocks } from '../../../infra/rtcp/reception-report.ts';
import { rtpPacket } from '../../rtp/packets.ts';
import { VirtualClock } from '../virtual-clock.ts';

const VP8: StreamFormat = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' };
const H264: StreamFormat = { ...VP8, codec: { name: 'H264', clockRate: 90_000 }, fmtp: 'packetization-mode=1' };
const OPUS: StreamFormat = {
  ...{ codec: { name: 'opus', clockRate: 48_000, channels: 2 }, media: 'audio', payloadType: 111, fmtp: '' },
};

const CAMERA: AnsweredTrack = {
  ...{ mid: '0', stream: 'camera', format: VP8 },
  layers: [
    { rid: 's', maxHeight: 180 },
    { rid: 'l', maxHeight: 720 },
  ],
};
const VOICE: AnsweredTrack = { mid: '1', stream: 'voice', layers: [], format: OPUS };

function start() {
  const told: string[] = [];
  const sent: string[] = [];
  const errors: unknown[] = [];
  const rtcp: Uint8Array[] = [];
  const refused = new Set<string>();
  const options = (name: string): Parameters<OpenSource>[0] => ({
    ...{ ssrc: 1, onNews: () => undefined, onTime: () => undefined, otherPorts: new Set() },
    send: () => void sent.push(name),
  });
  const tracks = new PageTracks({
    call: {
      addStream: async ({ name }, openSource) => {
        if (refused.has(name)) throw new Error('no');
        told.push(`+${name}`);
        await openSource(options(name));
      },
      removeStream: async (name) => void told.push(`-${name}`),
    },
    ...{ onRates: () => undefined, onError: (error) => errors.push(error), now: () => 1000 },
  });
  const feedsOf = () =>
    new PageFeeds({ cname: 'gateway', clock: new VirtualClock(1000), sendRtcp: (packet) => rtcp.push(packet) });
  return { tracks, told, sent, errors, rtcp, refused, feedsOf };
}

const names = (tracks: PageTracks) => tracks.shown.map(({ stream }) => stream.name);

test('a camera is two layers of a group, and each packet goes to the stream of its layer', (t) => {
  const { tracks, told, sent, feedsOf } = start();
  const feeds = feedsOf();
  tracks.follow(feeds, [CAMERA, VOICE]);
  t.deepEqual(told, ['+camera-small', '+camera-large', '+voice']);
  feeds.takeRtp(rtpPacket({ ssrc: 5, sequence: 1 }), '0', 'l');
  feeds.takeRtp(rtpPacket({ ssrc: 6, sequence: 1 }), '1', null);
  feeds.takeRtp(rtpPacket({ ssrc: 7, sequence: 1 }), '9', null);
  t.deepEqual(sent, ['camera-large', 'voice']);
});

test('a camera that is muted leaves the room, a voice stays and is silent', (t) => {
  const { tracks, told, sent, feedsOf } = start();
  const feeds = feedsOf();
  tracks.follow(feeds, [CAMERA, VOICE]);
  told.length = 0;
  tracks.mute('camera', true);
  tracks.mute('voice', true);
  feeds.takeRtp(rtpPacket({ ssrc: 6, sequence: 1 }), '1', null);
  t.deepEqual(told, ['-camera-small', '-camera-large']);
  t.deepEqual(sent, []);
  tracks.mute('camera', false);
  tracks.mute('voice', false);
  feeds.takeRtp(rtpPacket({ ssrc: 6, sequence: 2 }), '1', null);
  t.deepEqual(names(tracks), ['voice', 'camera-small', 'camera-large']);
  t.deepEqual(sent, ['voice']);
});

test('while a tab is loaded anew its streams stay, and the next one feeds them', (t) => {
  const { tracks, told, sent, feedsOf } = start();
  const first = feedsOf();
  tracks.follow(first, [VOICE]);
  tracks.letGo(first);
  first.takeRtp(rtpPacket({ ssrc: 6, sequence: 1 }), '1', null);
  const second = feedsOf();
  tracks.follow(second, [{ ...VOICE, mid: '7' }]);
  second.takeRtp(rtpPacket({ ssrc: 8, sequence: 1 }), '7', null);
  t.deepEqual(told, ['+voice']);
  t.deepEqual(sent, ['voice']);
  tracks.end();
  t.deepEqual(told, ['+voice', '-voice']);
});

test('a stream that cannot be shown is told, and may be tried again', async (t) => {
  const { tracks, told, errors, refused, feedsOf } = start();
  refused.add('voice');
  const feeds = feedsOf();
  tracks.follow(feeds, [VOICE]);
  await Promise.resolve();
  await Promise.resolve();
  t.is(errors.length, 1);
  refused.clear();
  tracks.follow(feeds, [VOICE]);
  t.deepEqual(told, ['+voice']);
});

test('the page hears what came, that it may send, and where a key frame is wanted', (t) => {
  const { tracks, rtcp, feedsOf } = start();
  const feeds = feedsOf();
  tracks.follow(feeds, [CAMERA]);
  feeds.report();
  t.deepEqual(rtcp, [], 'nothing has come');
  feeds.takeRtp(rtpPacket({ ssrc: 5, sequence: 65_534 }), '0', 's');
  feeds.takeRtp(rtpPacket({ ssrc: 5, sequence: 1 }), '0', 's');
  rtcp.length = 0;
  feeds.report();
  const [block] = readReportBlocks(rtcp[0] ?? new Uint8Array(), 4);
  t.like(block, { ssrc: 5, highestSequence: 65_537, packetsLost: 2, fractionLost: 170 });
  t.true(Buffer.from(rtcp[0] ?? []).includes('REMB'));
  tracks.shown[0]?.source?.requestKeyFrame();
  t.deepEqual(readKeyFrameRequests(rtcp[1] ?? new Uint8Array(), 4), [{ ssrc: 5, number: null }]);
});

test('encoders are told what the plan leaves them once it has said so', (t) => {
  const { tracks, feedsOf } = start();
  const feeds = feedsOf();
  tracks.follow(feeds, [CAMERA]);
  t.deepEqual(feeds.rates(), []);
  tracks.shown[0]?.source?.setRate(0);
  tracks.shown[1]?.source?.setRate(1_000_000);
  t.deepEqual(feeds.rates(), [
    { mid: '0', rid: 's', maxBps: 0 },
    { mid: '0', rid: 'l', maxBps: 870_000 },
  ]);
});

test('a page that sends its camera as something else shows another stream under the same name', (t) => {
  const { tracks, told, feedsOf } = start();
  const feeds = feedsOf();
  tracks.follow(feeds, [{ ...CAMERA, layers: [] }, VOICE]);
  told.length = 0;
  tracks.follow(feeds, [{ ...CAMERA, layers: [] }, VOICE]);
  t.deepEqual(told, []);
  tracks.follow(feeds, [{ ...CAMERA, layers: [], format: H264 }, VOICE]);
  t.deepEqual(told, ['-camera', '+camera']);
  t.like(tracks.shown.find(({ stream }) => stream.name === 'camera')?.stream.format, { codec: { name: 'H264' } });
});
