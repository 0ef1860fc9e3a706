import test from 'ava';
import fc from 'fast-check';
import type { StreamFormat } from '../../actors/options/contract.ts';
import { MAX_CATCH_UP_MS, MAX_PACKET_BYTES } from '../../actors/source/packet-schedule.ts';
import { startTestSource } from '../../actors/source/test-source.ts';
import {
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
  readVersion,
} from '../../infra/rtp/header.ts';
import { VirtualClock } from './virtual-clock.ts';

const SSRC = 0x9abc_def0;
const VP8: StreamFormat = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' };
const OPUS: StreamFormat = {
  codec: { name: 'opus', clockRate: 48_000, channels: 2 },
  media: 'audio',
  payloadType: 111,
  fmtp: '',
};

interface Sent {
  readonly atMs: number;
  readonly packet: Buffer;
}

function start(rateBps: number, format = VP8, first = { firstSequence: 7, firstTimestamp: 1000 }) {
  const clock = new VirtualClock(5_000.25);
  const sent: Sent[] = [];
  const send = (packet: Uint8Array) => void sent.push({ atMs: clock.now(), packet: Buffer.from(packet) });
  const source = startTestSource({ ssrc: SSRC, format, rateBps, send, clock, ...first });
  return { clock, sent, source };
}

const bitsOf = (sent: readonly Sent[]) => sent.reduce((bits, { packet }) => bits + packet.length * 8, 0);
const between = (sent: readonly Sent[], fromMs: number, toMs: number) =>
  sent.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);

test('any second holds the rate, to within a packet', (t) => {
  const rates = fc.integer({ min: 20_000, max: 4_000_000 });
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 1000 }), (rateBps, offset) => {
      const { clock, sent } = start(rateBps);
      const from = clock.now() + offset;
      clock.advance(offset + 1000);
      const bits = bitsOf(between(sent, from, from + 1000));
      t.true(Math.abs(bits - rateBps) <= MAX_PACKET_BYTES * 8, `${bits} bits at ${rateBps} bit/s`);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('the long run holds the rate exactly: nothing adds up', (t) => {
  const { clock, sent } = start(777_777);
  clock.advance(60_000);
  t.true(Math.abs(bitsOf(sent) - 777_777 * 60) <= MAX_PACKET_BYTES * 8);
});

test('a new rate holds from the moment it is set', (t) => {
  const { clock, sent, source } = start(1_000_000);
  clock.advance(1003);
  source.setRate(2_500_000);
  const from = clock.now();
  clock.advance(1000);
  t.true(Math.abs(bitsOf(between(sent, from, from + 1000)) - 2_500_000) <= 2 * MAX_PACKET_BYTES * 8);
  t.is(source.rateBps, 2_500_000);
});

test('at rate 0 nothing is sent, and it goes on afterwards', (t) => {
  const { clock, sent, source } = start(0);
  clock.advance(1000);
  t.is(sent.length, 0);
  source.setRate(1_000_000);
  clock.advance(1000);
  t.true(Math.abs(bitsOf(sent) - 1_000_000) <= MAX_PACKET_BYTES * 8);
  source.setRate(0);
  const before = sent.length;
  clock.advance(1000);
  t.is(sent.length, before);
});

test('headers are RTP: version, numbering across the wrap, one timestamp a frame, marker on its last packet', (t) => {
  const { clock, sent } = start(1_000_000, VP8, { firstSequence: 65_530, firstTimestamp: 0xffff_ff00 });
  clock.advance(999);
  const frames = new Map<number, Sent[]>();
  for (const one of sent) {
    const timestamp = readTimestamp(one.packet);
    frames.set(timestamp, [...(frames.get(timestamp) ?? []), one]);
  }
  t.is(frames.size, 30);
  sent.forEach(({ packet }, index) => {
    t.is(readVersion(packet), 2);
    t.is(readPayloadType(packet), 96);
    t.is(readSsrc(packet), SSRC);
    t.is(readSequence(packet), (65_530 + index) & 0xffff);
    t.true(packet.length <= MAX_PACKET_BYTES);
  });
  for (const [, frame] of [...frames].slice(0, -1)) {
    t.deepEqual(
      frame.map(({ packet }) => readMarker(packet)),
      frame.map((_, index) => index === frame.length - 1),
    );
    // RFC 7741 section 4.2: of the mandatory byte only S is set, and that where a picture begins.
    t.deepEqual(
      frame.map(({ packet }) => packet[12]),
      frame.map((_, index) => (index === 0 ? 0x10 : 0)),
    );
  }
  const [first = 0, second = 0] = [...frames.keys()];
  t.is(first, 0xffff_ff00);
  t.true(Math.abs(((second - first) >>> 0) - 3000) <= 2);
});

test('the packets of a frame are spread over its time', (t) => {
  const { clock, sent } = start(2_000_000);
  clock.advance(500);
  const gaps = sent.slice(1).map(({ atMs }, index) => atMs - (sent[index]?.atMs ?? 0));
  t.true(Math.max(...gaps) <= 6, `${Math.max(...gaps)} ms`);
  t.true(Math.min(...gaps) >= 3, `${Math.min(...gaps)} ms`);
});

test('a short stall is made up for', (t) => {
  const { clock, sent } = start(1_000_000);
  clock.advance(500);
  clock.stall(40);
  clock.advance(460);
  t.true(Math.abs(bitsOf(sent) - 1_000_000) <= MAX_PACKET_BYTES * 8);
});

test('after a long stall at most 50 ms are sent at once, and timestamps follow the time', (t) => {
  const { clock, sent } = start(1_000_000);
  clock.advance(500);
  const before = sent.length;
  clock.stall(10_000);
  clock.advance(0);
  const burst = sent.slice(before);
  t.true(bitsOf(burst) <= (1_000_000 * MAX_CATCH_UP_MS) / 1000 + MAX_PACKET_BYTES * 8);
  clock.advance(100);
  const [{ packet: first } = { packet: Buffer.alloc(12) }] = sent;
  const last = sent.at(-1)?.packet ?? Buffer.alloc(12);
  const seconds = (readTimestamp(last) - readTimestamp(first)) / 90_000;
  t.true(Math.abs(seconds - 10.6) < 0.05, `${seconds} s`);
});

test('sound comes every 20 ms', (t) => {
  const { clock, sent } = start(64_000, OPUS);
  clock.advance(999);
  t.is(sent.length, 50);
  t.true(sent.every(({ packet }) => readMarker(packet) && readPayloadType(packet) === 111));
});

test('at low rates frames come less often, each a full packet', (t) => {
  const { clock, sent } = start(30_000);
  clock.advance(10_000);
  t.true(Math.abs(bitsOf(sent) - 300_000) <= MAX_PACKET_BYTES * 8);
  t.true(sent.every(({ packet }) => packet.length === MAX_PACKET_BYTES && readMarker(packet)));
});

test('what is counted is what was sent, and a closed source is silent', async (t) => {
  const { clock, sent, source } = start(1_000_000);
  clock.advance(300);
  await source.close();
  await source.close();
  clock.advance(300);
  t.like(source.counters(), { packets: sent.length, bytes: bitsOf(sent) / 8 });
});
