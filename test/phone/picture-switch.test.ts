import test from 'ava';
import { PictureSwitch } from '../../actors/phone/picture/picture-switch.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { readMarker, readPayloadType, readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';

const OURS = 0xaaaa;
const stream = (peer: string, ssrc: number): RemoteStream => ({
  ...{ peer, stream: 'camera', ssrc, media: 'video', payloadType: 96, fmtp: '', group: null },
  codec: { name: 'VP8', clockRate: 90_000 },
});
const A = stream('A', 1);
const C = stream('C', 3);

/** A packet of VP8: the first of a key frame, or of another. */
function packet(
  { ssrc }: RemoteStream,
  sequence: number,
  { key = false, marker = true, timestamp = 0 } = {},
): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, 96 | (marker ? 0x80 : 0));
  view.setUint16(2, sequence);
  view.setUint32(4, timestamp);
  view.setUint32(8, ssrc);
  bytes.set([0x10, key ? 0 : 1], 12);
  return bytes;
}

function rig() {
  const sent: Uint8Array[] = [];
  const asked: string[] = [];
  const shown: string[] = [];
  const picture = new PictureSwitch(OURS, 120, {
    send: (one) => void sent.push(one),
    requestKeyFrame: ({ peer }) => asked.push(peer) > 0,
    onShown: ({ peer }) => void shown.push(peer),
  });
  return { sent, asked, shown, picture };
}

test('nothing is shown before a key frame, which is asked for', (t) => {
  const { sent, asked, picture } = rig();
  picture.aim(A, 0);
  picture.deliver(packet(A, 10), 1);
  t.deepEqual([asked, sent], [['A'], []]);
  picture.deliver(packet(A, 11, { key: true }), 2);
  t.is(sent.length, 1);
});

test('another takes over at its key frame and after the end of a frame, in one stream that goes on', (t) => {
  const { sent, shown, asked, picture } = rig();
  picture.aim(A, 0);
  picture.deliver(packet(A, 10, { key: true, timestamp: 9000 }), 0);
  picture.aim(C, 10);
  t.deepEqual(asked, ['A', 'C']);
  picture.deliver(packet(C, 500), 20);
  picture.deliver(packet(A, 11, { marker: false, timestamp: 12_000 }), 33);
  picture.deliver(packet(C, 501, { key: true, timestamp: 70_000 }), 34);
  t.is(sent.length, 2, 'the key frame waits: a frame of A is half sent');
  picture.deliver(packet(A, 12, { timestamp: 12_000 }), 35);
  picture.deliver(packet(A, 13, { timestamp: 15_000 }), 66);
  picture.deliver(packet(C, 502, { timestamp: 73_000 }), 67);
  t.deepEqual(shown, ['A', 'C']);
  t.deepEqual(sent.map(readSequence), [10, 11, 12, 13, 14]);
  t.true(sent.every((one) => readSsrc(one) === OURS && readPayloadType(one) === 120));
  t.true(sent.every((one, at) => readTimestamp(one) >= readTimestamp(sent[at - 1] ?? one)));
  t.true(readMarker(sent[2] ?? packet(A, 0, { marker: false })));
});

test('one that has gone silent in mid-frame keeps nobody waiting', (t) => {
  const { shown, picture } = rig();
  picture.aim(A, 0);
  picture.deliver(packet(A, 10, { key: true, marker: false }), 0);
  picture.aim(C, 10);
  picture.deliver(packet(C, 501, { key: true, marker: false }), 20);
  t.deepEqual(shown, ['A']);
  picture.deliver(packet(C, 502), 120);
  t.deepEqual(shown, ['A', 'C']);
});

test('a phone that has lost its picture gets a key frame of what is shown, and no flood of requests', (t) => {
  const { asked, picture } = rig();
  picture.aim(A, 0);
  picture.deliver(packet(A, 10, { key: true }), 0);
  for (let ms = 1000; ms < 1100; ms += 10) picture.pictureLost(ms);
  t.deepEqual(asked, ['A', 'A']);
});

test('what waited at a switch adds up to no picture that is ever later', (t) => {
  const { sent, shown, picture } = rig();
  const [frameMs, framesEach, switches] = [40, 25, 10];
  const waited: number[] = [];
  let [nowMs, sequence] = [0, 0];
  for (let turn = 0; turn <= switches; turn += 1) {
    const [of, before] = turn % 2 === 0 ? [A, C] : [C, A];
    picture.aim(of, nowMs);
    for (let frame = 0; frame < framesEach; frame += 1, nowMs += frameMs) {
      const [isKey, isLast] = [frame === 3, frame === framesEach - 1];
      const lateMs = isKey ? 35 : isLast ? 39 : 0;
      // Until its key frame is there the one before goes on.
      if (frame < 3) picture.deliver(packet(before, sequence, { timestamp: 90 * nowMs }), nowMs);
      picture.deliver(packet(of, sequence++, { key: isKey, timestamp: 90 * nowMs + 7000 * of.ssrc }), nowMs + lateMs);
      const newest = sent.at(-1);
      if (frame === 10 && newest !== undefined) waited.push(nowMs - readTimestamp(newest) / 90);
    }
  }
  t.is(shown.length, switches + 1);
  const laterMs = (waited.at(-1) ?? 0) - (waited[0] ?? 0);
  t.true(Math.abs(laterMs) < 40, `${laterMs} ms`);
});
