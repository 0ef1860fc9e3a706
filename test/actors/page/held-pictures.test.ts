/** A page that is on its way finds a picture there: its key frame has been asked for and kept. */
import test from 'ava';
import { PageSink } from '../../../actors/page/slots/page-sink.ts';
import type { RemoteStream } from '../../../actors/sink/contract.ts';
import { readSequence } from '../../../infra/rtp/header.ts';
import type { ReceivedMedia } from '../../../infra/webrtc/contract.ts';
import { rtpPacket } from '../../rtp/packets.ts';

const SLOT: ReceivedMedia = {
  ...{ direction: 'receive', mid: '4', kind: 'video', ssrc: 4444 },
  formats: [
    { payloadType: 120, codec: 'VP8/90000', fmtp: '' },
    { payloadType: 108, codec: 'H264/90000', fmtp: 'packetization-mode=1' },
  ],
};
const CAMERA: RemoteStream = {
  ...{ peer: 'B', stream: 'camera', ssrc: 1, group: null, media: 'video', payloadType: 96, fmtp: '' },
  codec: { name: 'VP8', clockRate: 90_000 },
};

/** The first packet of a VP8 frame (RFC 7741 sections 4.2 and 4.3). */
const KEY = Uint8Array.of(0x10, 0x00, 1, 2, 3);
const DELTA = Uint8Array.of(0x10, 0x01, 1, 2, 3);
/** NAL units of H.264: parameters of the sequence and of the picture, a slice of a key picture (RFC 6184 section 1.3). */
const PARAMETERS = [Uint8Array.of(0x67, 0x42), Uint8Array.of(0x68, 0xce)];
const SLICE = Uint8Array.of(0x65, 0x88);

/** A sink whose page was there, showed B's camera, and is loaded anew. */
function reloadedPage(stream: RemoteStream = CAMERA) {
  const sent: number[] = [];
  const asked: string[] = [];
  const time = { nowMs: 10_000 };
  const sink = new PageSink({ now: () => time.nowMs, requestKeyFrame: ({ peer }) => asked.push(peer) > 0 });
  sink.setStreams([stream]);
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  const sendRtp = (packet: Uint8Array) => sent.push(readSequence(packet));
  const link = { cname: 'gateway', sendRtcp: () => undefined, sendRtp };
  const packet = (sequence: number, timestamp: number, payload: Uint8Array) =>
    sink.deliver(rtpPacket({ ssrc: 1, sequence, timestamp, payload, payloadType: 96 }));
  const connect = () => {
    sink.follow(link, [SLOT]);
    sink.begin();
  };
  return { sink, sent, asked, time, packet, connect };
}

test('what came since the key frame is sent as soon as the page is connected, and no other is asked for', (t) => {
  const { sink, sent, asked, packet, connect } = reloadedPage();
  sink.expect();
  t.deepEqual(asked, ['B']);
  packet(99, 0, DELTA);
  packet(100, 3000, KEY);
  packet(101, 6000, DELTA);
  connect();
  packet(102, 9000, DELTA);
  t.deepEqual(sent, [100, 101, 102]);
  t.deepEqual(asked, ['B']);
});

test('a later key frame stands for all before it; several packets of one picture are one beginning', (t) => {
  const h264 = { ...CAMERA, codec: { name: 'H264', clockRate: 90_000 }, fmtp: 'packetization-mode=1' };
  const { sink, sent, packet, connect } = reloadedPage(h264);
  sink.expect();
  for (const [index, payload] of [...PARAMETERS, SLICE].entries()) packet(100 + index, 0, payload);
  for (const [index, payload] of [...PARAMETERS, SLICE].entries()) packet(103 + index, 3000, payload);
  connect();
  t.deepEqual(sent, [103, 104, 105]);
});

test('what is too old, or too much, is not sent: a new key frame is asked for', (t) => {
  const old = reloadedPage();
  old.sink.expect();
  old.packet(100, 0, KEY);
  old.time.nowMs += 1001;
  old.connect();
  t.deepEqual([old.sent, old.asked], [[], ['B', 'B']]);
  const much = reloadedPage();
  much.sink.expect();
  much.packet(100, 0, KEY);
  for (let more = 1; more <= 300; more++) much.packet(100 + more, 3000 * more, DELTA);
  much.connect();
  t.deepEqual([much.sent, much.asked], [[], ['B', 'B']]);
});

test('for a page that does not come nothing is held', (t) => {
  const { sink, sent, packet, connect } = reloadedPage();
  sink.expect();
  packet(100, 0, KEY);
  sink.expectNone();
  packet(101, 3000, DELTA);
  connect();
  t.deepEqual(sent, []);
});
