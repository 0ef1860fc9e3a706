/** How the benchmark measures how far voice and camera are apart. */
import test from 'ava';
import { momentOf, type Played, skewOf } from './skew.ts';

const voice = (lateMs: number): Played => ({ of: 'voice', momentMs: 1000 + lateMs, capturedMs: 1000 });
const camera = (lateMs: number): Played => ({ of: 'camera', momentMs: 2000 + lateMs, capturedMs: 2000 });

test('a report tells the moment of any timestamp, before and after it and over the wrap', (t) => {
  const report = { unixMs: 5000, rtpTimestamp: 0xffff_ffff };
  t.is(momentOf(0xffff_ffff, report, 90_000), 5000);
  t.is(momentOf(89_999, report, 90_000), 6000);
  t.is(momentOf(0xffff_ffff - 45_000, report, 90_000), 4500);
});

test('both equally late are not apart', (t) => {
  t.is(skewOf([voice(70), camera(70), camera(70)]), 0);
});

test('each packet of the camera counts against the newest of the voice, early or late', (t) => {
  t.is(skewOf([voice(0), camera(30)]), 30);
  t.is(skewOf([voice(0), voice(50), camera(30)]), 20);
});

test('nineteen of twenty are no further apart', (t) => {
  const cameras = Array.from({ length: 20 }, (_, index) => camera(index + 1));
  t.is(skewOf([voice(0), ...cameras]), 19);
  t.is(skewOf([voice(0), ...cameras.reverse()]), 19);
});

test('what came before the other is not told', (t) => {
  t.is(skewOf([camera(500), voice(0), camera(1)]), 1);
  t.throws(() => skewOf([camera(0), voice(0)]), { instanceOf: RangeError });
});
