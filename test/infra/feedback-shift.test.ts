import test from 'ava';
import fc from 'fast-check';
import { shiftFeedback } from '../../infra/rtcp/feedback-shift.ts';
import { writeReport } from '../../infra/rtcp/reception-report.ts';

/** The source has SSRC 7 and numbers 100 below those that its receiver sees. */
const SHIFT = { source: 7, shown: 1, sequence: 100 };

function shifted(...packets: readonly Uint8Array[]): Buffer {
  const datagram = Buffer.concat(packets);
  shiftFeedback(datagram, SHIFT);
  return datagram;
}

const block = (ssrc: number, highestSequence: number) => ({
  ssrc,
  fractionLost: 3,
  packetsLost: 4,
  highestSequence,
  jitter: 0,
  lastReport: 0,
  delaySinceLastReport: 0,
});
const sent = { unixMs: 5000, rtpTimestamp: 1, packets: 1, bytes: 1 };

test('report blocks on the stream are moved, others stay', (t) => {
  const before = (own: typeof sent | null) => writeReport(1, own, [block(1, 0x2_0005), block(2, 500)]);
  const after = (own: typeof sent | null) => writeReport(1, own, [block(7, 0x2_0005 - 100), block(2, 500)]);
  t.deepEqual(shifted(before(null), before(sent)), Buffer.concat([after(null), after(sent)]));
});

test('a NACK names the numbers of the source, across the wrap', (t) => {
  const nack = (ssrc: number, first: number, second: number) =>
    Buffer.from([
      ...[0x81, 205, 0, 4, 0, 0, 0, 9, 0, 0, 0, ssrc, first >> 8, first & 0xff, 0, 3],
      ...[second >> 8, second & 0xff, 0, 0],
    ]);
  t.deepEqual(shifted(nack(1, 50, 600)), nack(7, 65_486, 500));
  t.deepEqual(shifted(nack(2, 50, 600)), nack(2, 50, 600));
});

test('requests for a key frame name the source, wherever they name it', (t) => {
  const pli = (ssrc: number) => Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, ssrc]);
  const fir = (ssrc: number) => Buffer.from([0x84, 206, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, ssrc, 5, 0, 0, 0]);
  t.deepEqual(shifted(pli(1), fir(1), fir(2)), Buffer.concat([pli(7), fir(7), fir(2)]));
});

test('whatever comes, nothing throws, and only the stream is renamed', (t) => {
  const packet = fc
    .tuple(fc.integer({ min: 0x80, max: 0x9f }), fc.integer({ min: 200, max: 206 }), fc.uint8Array({ maxLength: 80 }))
    .map(([first, type, rest]) => {
      const body = rest.subarray(0, rest.length - (rest.length % 4));
      return Buffer.concat([Buffer.from([first, type, 0, body.length / 4]), body]);
    });
  fc.assert(
    fc.property(fc.array(fc.oneof(packet, fc.uint8Array({ maxLength: 30 })), { maxLength: 4 }), (packets) => {
      const datagram = Buffer.concat(packets);
      const copy = Buffer.from(datagram);
      shiftFeedback(copy, { source: 7, shown: 7, sequence: 0 });
      t.deepEqual(copy, datagram);
      shiftFeedback(copy, SHIFT);
      t.is(copy.length, datagram.length);
    }),
    { seed: 4585, numRuns: 500 },
  );
});
