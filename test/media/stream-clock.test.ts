/** The RTP time that sender reports tell: by the packets, by the program that feeds them, and never by the system's clock. */
import test from 'ava';
import { ProgramClocks } from '../../actors/media/reports/program-clocks.ts';
import { StreamClock } from '../../actors/media/reports/stream-clock.ts';

const VIDEO = 90_000;
const VOICE = 48_000;

test('before the first packet there is no time; then it goes on with the monotonic clock, also while nothing is sent', (t) => {
  const clock = new StreamClock(VIDEO);
  t.is(clock.at(0), undefined);
  clock.sent(0xffff_ffff, 1000);
  t.is(clock.at(1500), 44_999);
  t.is(clock.at(3_601_000), (0xffff_ffff + 3_600_000 * 90) % 2 ** 32);
});

test('packets that wait a little do not shake it: the least delayed one counts', (t) => {
  const clock = new StreamClock(VOICE);
  for (let frame = 0; frame < 500; frame++) clock.sent(960 * frame, 20 * frame + (frame % 5) * 8);
  const errorMs = ((clock.at(10_000) ?? 0) - VOICE * 10) / 48;
  t.true(Math.abs(errorMs) <= 0.2, `${errorMs} ms`);
});

test('it follows a sound card whose clock is slower by a little', (t) => {
  const clock = new StreamClock(8000);
  const slow = 1.0003;
  for (let frame = 0; frame < 5000; frame++) clock.sent(160 * frame, 20 * slow * frame);
  const errorMs = ((clock.at(100_000 * slow) ?? 0) - 800_000) / 8;
  // Two windows of two seconds each lose 0.6 ms.
  t.true(Math.abs(errorMs) <= 1.5, `${errorMs} ms`);
});

test('a program that has fallen back by a moment for good is followed within two seconds', (t) => {
  const clock = new StreamClock(VOICE);
  for (let frame = 0; frame < 50; frame++) clock.sent(960 * frame, 20 * frame);
  for (let frame = 50; frame < 160; frame++) clock.sent(960 * frame, 20 * frame + 150);
  t.is(clock.at(3350), 160 * 960);
});

test('timestamps that stood still while nothing was sent set it anew', (t) => {
  const clock = new StreamClock(VOICE);
  clock.sent(0, 0);
  clock.sent(960, 5000);
  t.is(clock.at(5000), 960);
});

test('what the program says counts more than when its packets come, until another one feeds the stream', (t) => {
  const clock = new StreamClock(VIDEO);
  clock.sent(9000, 100);
  t.true(clock.told(9000, 60));
  clock.sent(18_000, 200);
  t.is(clock.at(160), 18_000);
  clock.forgetProgram();
  t.is(clock.at(200), 18_000);
});

test('a program that says what cannot be is not believed', (t) => {
  const clock = new StreamClock(VIDEO);
  t.false(clock.told(9000, 100));
  clock.sent(9000, 100);
  t.false(clock.told(9000 + 11 * VIDEO, 100));
  t.is(clock.at(100), 9000);
});

test('streams whose programs share a clock keep their places, whatever that clock says and however late they report', (t) => {
  const clocks = new ProgramClocks();
  // Its clock began in 1900.
  const voiceMs = clocks.momentOf('one', 5000, 100_000);
  t.is(voiceMs, 100_000);
  t.is(clocks.momentOf('one', 5250, 100_330), 100_250);
  t.is(clocks.momentOf('other', 1e12, 100_340), 100_340);
});

test('a clock that was set is read anew, and of clocks only so many are kept', (t) => {
  const clocks = new ProgramClocks();
  clocks.momentOf('one', 5000, 0);
  t.is(clocks.momentOf('one', 3_605_000, 1000), 1000);
  t.is(clocks.momentOf('one', 3_605_100, 1300), 1100);
  for (let other = 0; other < 20; other++) clocks.momentOf(`other ${other}`, 0, 0);
  t.is(clocks.momentOf('one', 3_605_100, 1300), 1300);
});
