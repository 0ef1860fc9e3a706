/** One stream of many runs: its time goes on, whatever waited where one ends and the next begins. */
import test from 'ava';
import { RunningTime } from '../../infra/rtp/running-time.ts';

const HZ = 8000;
const FRAME_MS = 20;
const FRAME = (FRAME_MS * HZ) / 1000;

/** A stream of frames that come every 20 ms; each run begins with timestamp 0. */
function open(firstTimestamp?: number) {
  const time = new RunningTime(HZ, firstTimestamp);
  const came = (frame: number, atMs: number) => {
    time.came(frame * FRAME, atMs);
    return time.of(frame * FRAME);
  };
  const begin = (atMs: number) => {
    time.begin(0, atMs);
    return came(0, atMs);
  };
  return { time, came, begin };
}

test('it begins with what it is told, or with what its first packet has, and goes on around the end of the timestamps', (t) => {
  t.is(open().begin(0), 0);
  const { time, begin, came } = open(2 ** 32 - 1);
  t.false(time.goesBack(0));
  t.is(begin(0), 2 ** 32 - 1);
  t.is(came(1, FRAME_MS), FRAME - 1);
  t.is(begin(FRAME_MS + 1000), FRAME - 1 + HZ);
  t.is(time.offset >>> 0, FRAME - 1 + HZ);
  t.true(time.goesBack(-1));
  t.false(time.goesBack(0));
});

test('what the last packet of a run waited is no time that has passed', (t) => {
  const { begin, came } = open();
  begin(0);
  came(1, FRAME_MS + 60);
  t.is(begin(1000), HZ);
});

test('what the first packet of a run waited the next run makes up for', (t) => {
  const { begin, came } = open();
  begin(0);
  t.is(begin(1060), 1.06 * HZ);
  came(3, 1060);
  t.is(begin(2000), 2 * HZ);
});

test('no more is made up for than there is between two runs, and the rest later', (t) => {
  const { begin, came } = open();
  begin(0);
  begin(1060);
  t.is(came(3, 1060), 1.12 * HZ);
  t.is(begin(1080), 1.12 * HZ + 1, 'the time is 1.08 s');
  t.is(begin(2000), 2 * HZ);
});

test('a program that sends faster than time passes makes the next one lose no more than two seconds', (t) => {
  const { begin, came } = open();
  begin(0);
  let shown = 0;
  for (let run = 0; run < 20; run++) {
    begin(run);
    for (let frame = 1; frame < 100; frame++) shown = came(frame, run);
  }
  t.true(shown > 30 * HZ);
  const next = begin(10_000);
  t.true(next - shown > 5 * HZ && next - shown < 10 * HZ, `${(next - shown) / HZ} s after ten`);
});

test('timestamps that leap, and what comes sooner long after the beginning, are no waiting of the first', (t) => {
  const { begin, came } = open();
  begin(0);
  begin(1000);
  const leapt = came(200, 1000 + FRAME_MS);
  t.is(begin(1000 + 2 * FRAME_MS), leapt + FRAME);
  const sooner = came(150, 1000 + 2 * FRAME_MS + 2100);
  t.is(begin(1000 + 3 * FRAME_MS + 2100), sooner + FRAME);
});
