/** What a peer sends is averaged over a full second, however often it was looked at. */
import test from 'ava';
import { UploadMeter } from '../../actors/call/upload-meter.ts';

/** A meter that has seen these totals of bytes at these moments. */
function meterOf(t: { teardown(close: () => void): void }, samples: readonly (readonly [ms: number, bytes: number])[]) {
  let sent = 0;
  const meter = new UploadMeter(() => sent);
  t.teardown(() => meter.close());
  // Whole numbers, so that a second after a moment is a full second after it.
  const startMs = Math.ceil(performance.now());
  for (const [ms, bytes] of samples) {
    sent = bytes;
    meter.sample(startMs + ms);
  }
  return meter;
}

test('nothing is told before a second has passed', (t) => {
  t.is(meterOf(t, [[500, 1000]]).nowBps, 0);
});

test('the peak stays, and what is sent now goes with the last second', (t) => {
  const meter = meterOf(t, [
    [1000, 0],
    [1500, 1000],
    [2000, 2000],
    [2500, 2000],
    [3000, 2000],
  ]);
  t.is(Math.round(meter.peakBps), 16_000);
  t.is(meter.nowBps, 0);
});

test('a burst between seldom samples counts with the time that it may have taken', (t) => {
  const meter = meterOf(t, [
    [1000, 0],
    [2000, 500],
    [2100, 1500],
  ]);
  t.is(Math.round(meter.nowBps), Math.round((8 * 1500) / 1.1));
});
