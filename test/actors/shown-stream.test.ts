/** What a running player sees of a source that starts anew: one stream. */
import test from 'ava';
import { ShownStream } from '../../actors/sink/shown-stream.ts';
import { COPY_AGE_MS } from '../../infra/path/decision/sequence-window.ts';
import { readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';
import { writePlainHeader, writeSequence, writeSsrc, writeTimestamp } from '../../infra/rtp/write.ts';
import { playRuns } from '../rtp/waiting-runs.ts';

const FIRST = 0xffff_fff0;
const SECOND = 7;

function rtp(ssrc: number, sequence: number, timestamp = 0): Uint8Array {
  const packet = new Uint8Array(20).fill(3);
  writePlainHeader(packet);
  writeSequence(packet, sequence);
  writeTimestamp(packet, timestamp);
  writeSsrc(packet, ssrc);
  return packet;
}

function start() {
  const shown = new ShownStream(90_000);
  const take = (atMs: number, ssrc: number, sequence: number, timestamp = 0) => {
    const packet = shown.take(rtp(ssrc, sequence, timestamp), atMs);
    return [readSsrc(packet), readSequence(packet), readTimestamp(packet)];
  };
  return { shown, take };
}

test('the first source is shown byte for byte, whatever comes late or is missing', (t) => {
  const { shown } = start();
  for (const sequence of [65_530, 65_535, 65_532, 2, 3002, 1000]) {
    const packet = rtp(FIRST, sequence, sequence * 10);
    t.deepEqual(shown.take(packet, 0), packet);
  }
});

test('the next source goes on under the same SSRC, with the next number, and with the time that has passed', (t) => {
  const { take } = start();
  take(0, FIRST, 65_534, 0xffff_ff00);
  take(10, FIRST, 65_535, 0xffff_ff00 + 900);
  t.deepEqual(take(2010, SECOND, 100, 5), [FIRST, 0, (0xffff_ff00 + 900 + 180_000) >>> 0]);
  t.deepEqual(take(2050, SECOND, 102, 3605), [FIRST, 2, (0xffff_ff00 + 900 + 183_600) >>> 0]);
  t.deepEqual(take(2051, SECOND, 101, 5), [FIRST, 1, (0xffff_ff00 + 900 + 180_000) >>> 0]);
  t.deepEqual(take(2060, FIRST, 9000, 5).slice(0, 2), [FIRST, 3]);
});

test('what packets waited before and after many starts adds up to nothing', (t) => {
  const shown = new ShownStream(48_000);
  const { runs, leastStepMs } = playRuns({
    ...{ pauseMs: 100, waitedMs: 60 },
    send: ({ run, sequence, timestamp, atMs }) =>
      readTimestamp(shown.take(rtp(FIRST + run, sequence, timestamp), atMs)),
  });
  for (const [run, { aheadMs, firstWaitedMs }] of runs.entries())
    t.true(Math.abs(aheadMs - firstWaitedMs) < 5, `run ${run} is ahead by ${aheadMs} ms`);
  t.true(leastStepMs > 0);
});

test('the timestamp never stands still over a start', (t) => {
  const { take } = start();
  take(0, FIRST, 1, 1000);
  t.deepEqual(take(0, SECOND, 1, 9), [FIRST, 2, 1001]);
});

for (const lost of [40_000, 62_000]) {
  test(`numbers that have come around the circle in an outage of ${lost} packets go on with the next one`, (t) => {
    const { take } = start();
    take(0, FIRST, 5000, 0);
    t.deepEqual(take(COPY_AGE_MS, FIRST, (5001 + lost) & 0xffff, 77), [FIRST, 5001, 180_000]);
    t.deepEqual(take(COPY_AGE_MS + 10, FIRST, (5002 + lost) & 0xffff, 977), [FIRST, 5002, 180_900]);
  });
}

test('a source that begins to count anew goes on with the next number', (t) => {
  const { take } = start();
  take(0, FIRST, 20_000);
  t.deepEqual(take(10, FIRST, 500).slice(0, 2), [FIRST, 20_001]);
});

test('what looks old is late while the path may still call it late, and a beginning after half of that time', (t) => {
  const { take } = start();
  take(0, FIRST, 5000);
  t.deepEqual(take(COPY_AGE_MS / 2 - 1, FIRST, 4999).slice(0, 2), [FIRST, 4999]);
  t.deepEqual(take(COPY_AGE_MS / 2, FIRST, 4998).slice(0, 2), [FIRST, 5001]);
});

test('a sender report is told as of the one stream, by the source that is shown', (t) => {
  const { shown, take } = start();
  const report = (ssrc: number, timestamp: number) => {
    const bytes = new Uint8Array(28);
    new DataView(bytes.buffer).setUint32(4, ssrc);
    new DataView(bytes.buffer).setUint32(16, timestamp);
    return bytes;
  };
  t.is(shown.report(report(FIRST, 1)), undefined);
  take(0, FIRST, 500, 1_000_000);
  take(100, SECOND, 9, 70);
  t.is(shown.report(report(FIRST, 1_000_900)), undefined);
  const told = shown.report(report(SECOND, 970));
  const view = new DataView(told?.buffer ?? new ArrayBuffer(28));
  t.is(view.getUint32(4), FIRST);
  t.is(view.getUint32(16), 1_000_000 + 9000 + 900);
});
