/**
 * Programs whose timestamps go back while their SSRC and their numbers go on: phone systems that answer after an announcement
 * (`12705 / 23840`, then `12706 / 0`), files that begin again. Players wait for the old time to come round, and show nothing.
 */
import test from 'ava';
import type { StreamFormat } from '../../actors/options/contract.ts';
import { ProgramStream, type Taken } from '../../actors/source/program-stream.ts';
import { readSequence, readTimestamp } from '../../infra/rtp/header.ts';
import { rtpPacket } from '../rtp/packets.ts';

const PCMU: StreamFormat = { codec: { name: 'PCMU', clockRate: 8000 }, media: 'audio', payloadType: 0, fmtp: '' };
const video = (name: string): StreamFormat => ({
  ...{ codec: { name, clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' },
});

const H264 = { SET: [0x67, 0x64, 0, 0x0d], KEY: [0x65, 1, 2, 3], OTHER: [0x41, 1, 2, 3] } as const;

/** A stream whose packets come `everyMs`, and what they became. */
function open(format: StreamFormat, everyMs: number) {
  const sent: Uint8Array[] = [];
  const stream = new ProgramStream({
    ...{ ssrc: 1, format, payloadTypes: 'declared', firstSequence: 65_530, firstTimestamp: 4_294_967_000 },
    send: (packet) => void sent.push(Uint8Array.from(packet)),
  });
  let [sequence, nowMs] = [12_700, 0];
  const take = (timestamp: number, payload: readonly number[] = [1, 2, 3]): Taken => {
    const bytes = Uint8Array.from(payload);
    nowMs += everyMs;
    return stream.take(
      rtpPacket({ payloadType: format.payloadType, sequence: sequence++, timestamp, payload: bytes }),
      nowMs,
    );
  };
  /** How far each packet's timestamp is from the one before. */
  const steps = () =>
    sent.slice(1).map((packet, index) => (readTimestamp(packet) - readTimestamp(sent[index] ?? packet)) | 0);
  /** Whether the numbers go on one by one. */
  const goesOn = () => sent.every((packet, index) => readSequence(packet) === ((65_530 + index) & 0xffff));
  return { take, steps, goesOn };
}

test('a voice whose timestamps begin at nought again goes on in time', (t) => {
  // By 3 s, which no sender puts off a packet by, and by half a second, which one might.
  for (const from of [24_000, 4000]) {
    const { take, steps, goesOn } = open(PCMU, 20);
    for (const timestamp of [from - 320, from - 160, from]) take(timestamp);
    t.is(take(0), from === 24_000 ? 'began' : 'setBack');
    t.deepEqual(
      [160, 320].map((timestamp) => take(timestamp)),
      ['continued', 'continued'],
    );
    t.deepEqual(steps(), new Array(5).fill(160));
    t.true(goesOn());
  }
});

test('pictures of which none is put off go on in time, too', (t) => {
  const { take, steps } = open(video('VP8'), 40);
  for (const timestamp of [90_000, 93_600, 0, 0, 3600]) take(timestamp);
  t.deepEqual(steps(), [3600, 3600, 0, 3600]);
});

test('of H.264 a key picture that goes back is a new start, with the parameter sets before it', (t) => {
  const { take, steps } = open(video('H264'), 40);
  take(90_000, H264.KEY);
  take(93_600, H264.OTHER);
  t.is(take(0, H264.SET), 'setBack');
  t.is(take(0, H264.KEY), 'continued');
  t.is(take(3600, H264.OTHER), 'continued');
  t.deepEqual(steps(), [3600, 3600, 0, 3600]);
});

test('pictures that are sent before those they are shown after keep their times', (t) => {
  const { take, steps } = open(video('H264'), 40);
  const became = [0, 14_400, 3600, 7200, 10_800, 28_800].map((timestamp, index) =>
    take(timestamp, index === 0 ? H264.KEY : H264.OTHER),
  );
  t.false(became.includes('setBack'));
  t.deepEqual(steps(), [14_400, -10_800, 3600, 3600, 18_000]);
});
