/** H.264 and H.265 whose parameter sets come once, late, or only in the SDP: who joins later gets them all the same. */
import test from 'ava';
import type { StreamFormat } from '../../actors/options/contract.ts';
import { ProgramStream } from '../../actors/source/program-stream.ts';
import { readMarker, readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';
import { rtpPacket } from '../rtp/packets.ts';

const SPS = Uint8Array.of(0x67, 0x64, 0, 0x0d);
const PPS = Uint8Array.of(0x68, 0xeb, 0xcc);
const KEY = Uint8Array.of(0x65, 1, 2, 3);
const DELTA = Uint8Array.of(0x41, 1, 2, 3);

function open(codec = 'H264', fmtp = '') {
  const sent: Uint8Array[] = [];
  const format: StreamFormat = { codec: { name: codec, clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp };
  const stream = new ProgramStream({
    ...{ ssrc: 1, format, payloadTypes: 'declared', firstSequence: 0, firstTimestamp: 0 },
    send: (packet) => void sent.push(Uint8Array.from(packet)),
  });
  let sequence = 500;
  /** A frame of so many packets. */
  const frame = (number: number, ...payloads: Uint8Array[]) => {
    for (const [index, payload] of payloads.entries()) {
      const marker = index === payloads.length - 1;
      stream.take(
        rtpPacket({ payloadType: 96, sequence: sequence++, timestamp: 3000 * number, payload, marker }),
        33 * number,
      );
    }
  };
  /** The payloads that went out since, by frame. */
  const taken = () =>
    sent.splice(0).map((packet) => [readTimestamp(packet) / 3000, ...packet.subarray(12), readMarker(packet)]);
  return { stream, sent, frame, taken };
}

const out = (frame: number, payload: Uint8Array, marker = false) => [frame, ...payload, marker];

test('sets that came once go again before each later key picture, as packets of its frame', (t) => {
  const { frame, taken, sent } = open();
  frame(0, SPS, PPS, KEY, KEY);
  t.deepEqual(taken(), [out(0, SPS), out(0, PPS), out(0, KEY), out(0, KEY, true)]);
  frame(1, DELTA);
  frame(2, KEY, KEY);
  t.deepEqual(sent.map(readSequence), [4, 5, 6, 7, 8]);
  t.true(sent.every((packet) => readSsrc(packet) === 1));
  t.deepEqual(taken(), [out(1, DELTA, true), out(2, SPS), out(2, PPS), out(2, KEY), out(2, KEY, true)]);
});

test('a program that sends its sets with every key picture is left as it is', (t) => {
  const { frame, taken } = open();
  const aggregate = Uint8Array.of(0x78, 0, SPS.length, ...SPS, 0, PPS.length, ...PPS, 0, KEY.length, ...KEY);
  frame(0, SPS, PPS, KEY);
  frame(1, SPS, PPS, KEY);
  frame(2, aggregate);
  t.is(taken().length, 7);
});

test('sets that only the format parameters hold go before each key picture, also one in fragments', (t) => {
  const base64 = [SPS, PPS].map((set) => Buffer.from(set).toString('base64')).join(',');
  const { frame, taken, stream } = open('h264', `packetization-mode=1; sprop-parameter-sets=${base64}`);
  const fragments = [Uint8Array.of(0x7c, 0x85, 1), Uint8Array.of(0x7c, 0x05, 2), Uint8Array.of(0x7c, 0x45, 3)];
  frame(0, ...fragments);
  t.deepEqual(taken().slice(0, 3), [out(0, SPS), out(0, PPS), out(0, fragments[0] ?? KEY)]);
  t.is(stream.undecodable, undefined);
});

test('a set that comes twice with a frame goes again once', (t) => {
  const { frame, taken } = open();
  frame(0, SPS, SPS, PPS, KEY);
  taken();
  frame(1, KEY);
  t.deepEqual(taken(), [out(1, SPS), out(1, PPS), out(1, KEY, true)]);
});

test('new sets take the place of old ones', (t) => {
  const { frame, taken } = open();
  const other = Uint8Array.of(0x67, 0x42, 0, 0x1f);
  frame(0, SPS, PPS, KEY);
  frame(1, other, PPS, KEY);
  taken();
  frame(2, KEY);
  t.deepEqual(taken(), [out(2, other), out(2, PPS), out(2, KEY, true)]);
});

test('H.265 has three of them', (t) => {
  const sets = [32, 33, 34].map((type) => Uint8Array.of(type << 1, 1, type));
  const names = ['vps', 'sps', 'pps'];
  const fmtp = sets.map((set, index) => `sprop-${names[index]}=${Buffer.from(set).toString('base64')}`).join(';');
  const { frame, taken } = open('H265', fmtp);
  const key = Uint8Array.of(19 << 1, 1, 7);
  frame(3, key);
  t.deepEqual(
    taken().map(([, first]) => first),
    [64, 66, 68, 38],
  );
});

test('key pictures whose sets never came are told; those before the first key picture are no fault', (t) => {
  const { frame, stream, taken } = open();
  frame(0, DELTA);
  t.is(stream.undecodable, undefined);
  frame(1, KEY);
  t.is(stream.undecodable, 'H.264');
  frame(2, SPS, PPS, KEY);
  t.is(stream.undecodable, undefined);
  t.is(taken().length, 5);
});

test('sets without bound or of no size are not kept', (t) => {
  const { frame, taken } = open();
  const many = Array.from({ length: 50 }, (_, index) => Uint8Array.of(0x68, 0xeb, index));
  frame(0, SPS, ...many, Uint8Array.of(0x68, ...new Uint8Array(600)), KEY);
  taken();
  frame(1, KEY);
  t.is(taken().length, 1 + 8 + 1);
});

test('a late packet of a key picture calls for nothing', (t) => {
  const { frame, stream, taken } = open();
  frame(0, SPS, PPS, KEY);
  frame(1, DELTA);
  taken();
  stream.take(rtpPacket({ payloadType: 96, sequence: 495, timestamp: 3000, payload: KEY }), 40);
  t.is(taken().length, 1);
});
