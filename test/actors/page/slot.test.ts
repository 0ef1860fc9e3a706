/** What a page sees in one of its slots: one endless stream that begins with a key frame, whoever is shown. */
import test from 'ava';
import { PageSink } from '../../../actors/page/slots/page-sink.ts';
import type { RemoteStream } from '../../../actors/sink/contract.ts';
import { writePictureLoss } from '../../../infra/rtcp/feedback.ts';
import { writeNack } from '../../../infra/rtcp/nack.ts';
import { readReportSsrc, readSenderReports, writeReport } from '../../../infra/rtcp/reception-report.ts';
import { readPayloadType, readSequence, readSsrc, readTimestamp } from '../../../infra/rtp/header.ts';
import type { ReceivedMedia } from '../../../infra/webrtc/contract.ts';
import { rtpPacket } from '../../rtp/packets.ts';

const VIDEO: ReceivedMedia = {
  ...{ direction: 'receive', mid: '4', kind: 'video', ssrc: 4444 },
  formats: [
    { payloadType: 120, codec: 'VP8/90000', fmtp: '' },
    { payloadType: 108, codec: 'H264/90000', fmtp: 'packetization-mode=1;profile-level-id=42e01f' },
  ],
};
const AUDIO: ReceivedMedia = {
  ...{ direction: 'receive', mid: '5', kind: 'audio', ssrc: 5555 },
  formats: [{ payloadType: 109, codec: 'opus/48000/2', fmtp: '' }],
};

const stream = (peer: string, name: string, ssrc: number, group: string | null = null): RemoteStream => ({
  ...{ peer, stream: name, ssrc, group, media: 'video', codec: { name: 'VP8', clockRate: 90_000 } },
  ...{ payloadType: 96, fmtp: '' },
});
const voice = (peer: string, ssrc: number): RemoteStream => ({
  ...{ peer, stream: 'voice', ssrc, group: null, media: 'audio', payloadType: 111, fmtp: '' },
  codec: { name: 'opus', clockRate: 48_000, channels: 2 },
});

/** The first packet of a VP8 frame (RFC 7741 sections 4.2 and 4.3). */
const KEY = Uint8Array.of(0x10, 0x00, 1, 2, 3);
const DELTA = Uint8Array.of(0x10, 0x01, 1, 2, 3);

/** A sink with one slot of each kind, and what came of it. */
function pageOf(streams: readonly RemoteStream[]) {
  const sent: Uint8Array[] = [];
  const reports: Uint8Array[] = [];
  const asked: string[] = [];
  const time = { nowMs: 10_000 };
  const sink = new PageSink({
    now: () => time.nowMs,
    requestKeyFrame: ({ peer, stream: name }) => asked.push(`${peer}/${name}`) > 0,
  });
  sink.setStreams(streams);
  const link = {
    cname: 'gateway',
    sendRtp: (packet: Uint8Array) => sent.push(packet),
    sendRtcp: (packet: Uint8Array) => reports.push(packet),
  };
  sink.follow(link, [VIDEO, AUDIO]);
  const video = (ssrc: number, sequence: number, payload: Uint8Array, timestamp = 0) =>
    sink.deliver(rtpPacket({ ssrc, sequence, timestamp, payload, payloadType: 96 }));
  return { sink, link, sent, reports, asked, time, video };
}

test('a slot begins with a key frame, under the SSRC and the payload type of the page', (t) => {
  const { sink, sent, asked, video } = pageOf([stream('B', 'camera', 1)]);
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  t.deepEqual(asked, ['B/camera']);
  video(1, 100, DELTA);
  sink.begin();
  t.deepEqual(asked, ['B/camera', 'B/camera'], 'none has come so far');
  video(1, 101, DELTA);
  video(1, 102, KEY);
  video(1, 103, DELTA);
  t.deepEqual(sent.map(readSequence), [102, 103]);
  t.deepEqual(sent.map(readSsrc), [4444, 4444]);
  t.deepEqual(sent.map(readPayloadType), [120, 120]);
});

test('what no slot shows, and what the page cannot decode, is not sent', (t) => {
  const { sink, sent, video } = pageOf([
    stream('B', 'camera', 1),
    { ...stream('C', 'camera', 2), codec: { name: 'H265', clockRate: 90_000 } },
  ]);
  sink.begin();
  video(1, 100, KEY);
  sink.show([{ mid: '4', peer: 'C', stream: 'camera' }]);
  video(2, 100, KEY);
  sink.show([{ mid: '5', peer: 'B', stream: 'camera' }]);
  video(1, 101, KEY);
  t.deepEqual(sent, []);
});

test('who comes after another goes on with the numbers and the time of the slot', (t) => {
  const { sink, sent, time, video } = pageOf([stream('B', 'camera', 1), stream('C', 'camera', 2)]);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 100, KEY, 90_000);
  video(1, 101, DELTA, 93_000);
  sink.show([{ mid: '4', peer: 'C', stream: 'camera' }]);
  time.nowMs += 1000;
  video(1, 102, DELTA, 96_000);
  video(2, 7000, KEY, 5);
  video(2, 7001, DELTA, 3005);
  t.deepEqual(sent.map(readSequence), [100, 101, 102, 103]);
  t.deepEqual(sent.map(readTimestamp), [90_000, 93_000, 183_000, 186_000]);
});

test('what came while the slot showed somebody else leaves no hole', (t) => {
  const { sink, sent, video } = pageOf([stream('B', 'camera', 1)]);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 100, KEY);
  sink.show([]);
  video(1, 101, DELTA);
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 900, KEY);
  t.deepEqual(sent.map(readSequence), [100, 101]);
});

test('another layer takes over at its key frame; until then the one before goes on', (t) => {
  const layers = [stream('B', 'camera-small', 1, 'camera'), stream('B', 'camera-large', 2, 'camera')];
  const { sink, sent, asked, time, video } = pageOf(layers);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 10, KEY);
  time.nowMs += 200;
  video(1, 11, DELTA);
  time.nowMs += 200;
  asked.length = 0;
  video(2, 500, DELTA);
  t.deepEqual(asked, ['B/camera-large']);
  video(2, 501, KEY);
  video(1, 12, KEY);
  video(2, 502, DELTA);
  t.deepEqual(sent.map(readSequence), [10, 11, 12, 13]);
});

test('a member that starts anew goes on in its slot', (t) => {
  const { sink, sent, video } = pageOf([stream('B', 'camera', 1)]);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 10, KEY);
  sink.setStreams([stream('B', 'camera', 9)]);
  video(1, 11, DELTA);
  video(9, 600, KEY);
  t.deepEqual(sent.map(readSequence), [10, 11]);
});

test('a gap that stays open asks for a key frame, and one that is filled does not', (t) => {
  const { sink, asked, time, video } = pageOf([stream('B', 'camera', 1)]);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 10, KEY);
  time.nowMs += 1000;
  asked.length = 0;
  video(1, 12, DELTA);
  time.nowMs += 100;
  video(1, 11, DELTA);
  time.nowMs += 200;
  video(1, 13, DELTA);
  t.deepEqual(asked, []);
  video(1, 15, DELTA);
  time.nowMs += 199;
  video(1, 16, DELTA);
  t.deepEqual(asked, []);
  time.nowMs += 1;
  video(1, 17, DELTA);
  video(1, 18, DELTA);
  t.deepEqual(asked, ['B/camera'], 'once');
  time.nowMs += 300;
  video(1, 19, DELTA);
  t.is(asked.length, 2, 'again, as none has come');
  video(1, 20, KEY);
  time.nowMs += 1000;
  video(1, 21, DELTA);
  t.is(asked.length, 2);
});

test('what sends no key frame on request is asked less and less often, until one comes', (t) => {
  const { sink, asked, time, video } = pageOf([stream('B', 'camera', 1)]);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 10, KEY);
  const askedIn = (ms: number, first: number) => {
    asked.length = 0;
    for (let sequence = first; sequence < first + ms / 100; sequence++) {
      time.nowMs += 100;
      video(1, sequence, DELTA);
    }
    return asked.length;
  };
  t.is(askedIn(5000, 20), 5);
  t.true(askedIn(20_000, 70) <= 5);
  video(1, 300, KEY);
  t.is(askedIn(1000, 302), 2);
});

test('what the page misses is sent again from the last second, and no more', (t) => {
  const { sink, sent, time, video } = pageOf([stream('B', 'camera', 1)]);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 10, KEY);
  video(1, 11, DELTA);
  const nack = (sequences: number[]) => writeNack({ senderSsrc: 1, mediaSsrc: 4444, sequences });
  sink.takeRtcp(nack([11, 12]));
  t.deepEqual(sent.map(readSequence), [10, 11, 11]);
  sink.takeRtcp(writeNack({ senderSsrc: 1, mediaSsrc: 99, sequences: [11] }));
  time.nowMs += 1001;
  sink.takeRtcp(nack([10, 11]));
  t.is(sent.length, 3);
  video(1, 12, DELTA);
  for (let round = 0; round < 300; round++) sink.takeRtcp(nack([12]));
  t.true(sent.length <= 4 + 256, 'a page cannot have more than a burst');
});

test('a picture that is lost is asked for, no more than each 300 ms', (t) => {
  const { sink, asked, time, video } = pageOf([stream('B', 'camera', 1)]);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 10, KEY);
  asked.length = 0;
  time.nowMs += 300;
  sink.takeRtcp(writePictureLoss(1, 4444));
  sink.takeRtcp(writePictureLoss(1, 4444));
  t.deepEqual(asked, ['B/camera']);
});

test('sender reports are told as if of the slot, also when another source begins', (t) => {
  const { sink, reports, time, video } = pageOf([stream('B', 'camera', 1), stream('C', 'camera', 2)]);
  sink.begin();
  const report = (ssrc: number, rtpTimestamp: number) =>
    sink.report(writeReport(ssrc, { unixMs: 1_000_000, rtpTimestamp, packets: 1, bytes: 1 }, []));
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  report(2, 777);
  video(1, 10, KEY, 90_000);
  report(1, 90_000);
  t.is(reports.length, 1);
  t.is(readReportSsrc(reports[0] ?? new Uint8Array()), 4444);
  time.nowMs += 1000;
  sink.show([{ mid: '4', peer: 'C', stream: 'camera' }]);
  video(2, 20, KEY, 777);
  // Of a moment that was the new source's first packet: the slot's time by then.
  const [told] = readSenderReports(reports[1] ?? new Uint8Array(), 1);
  t.is(told?.rtpTimestamp, 180_000);
});

test('sound needs no key frame', (t) => {
  const { sink, sent, asked } = pageOf([voice('B', 3)]);
  sink.begin();
  sink.show([{ mid: '5', peer: 'B', stream: 'voice' }]);
  sink.deliver(rtpPacket({ ssrc: 3, sequence: 1 }));
  t.deepEqual(sent.map(readPayloadType), [109]);
  t.deepEqual(asked, []);
});

test('a tab that is loaded anew begins with a key frame of its own', (t) => {
  const { sink, link, sent, asked, video } = pageOf([stream('B', 'camera', 1)]);
  sink.begin();
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  video(1, 10, KEY);
  sink.letGo(link);
  video(1, 11, DELTA);
  sink.follow({ ...link }, [{ ...VIDEO, ssrc: 6666 }]);
  asked.length = 0;
  video(1, 12, DELTA);
  sink.begin();
  t.deepEqual(asked, ['B/camera']);
  video(1, 13, DELTA);
  video(1, 14, KEY);
  t.deepEqual(sent.map(readSsrc), [4444, 6666]);
});
