import test from 'ava';
import { Lateness } from '../../infra/rtp/lateness.ts';

const CLOCK_RATE = 90_000;
const FRAME_MS = 40;
const FRAME = (FRAME_MS * CLOCK_RATE) / 1000;

test('a packet is late by what it waited longer than the soonest, around the end of the timestamps', (t) => {
  const lateness = new Lateness(CLOCK_RATE);
  const first = 2 ** 32 - FRAME;
  const take = (frame: number, waitedMs: number) =>
    lateness.take((first + frame * FRAME) >>> 0, frame * FRAME_MS + waitedMs);
  t.is(take(0, 20), 0);
  t.is(take(1, 5), 0, 'sooner than all before');
  t.true(Math.abs(take(2, 65) - 60) < 2);
  t.true(Math.abs(take(2, 85) - 80) < 3, 'the last packet of that picture');
  t.true(take(3, 5) < 2);
});

test('where the way has become longer that is what is usual after some seconds', (t) => {
  const lateness = new Lateness(CLOCK_RATE);
  const late = Array.from({ length: 200 }, (_, frame) =>
    lateness.take(frame * FRAME, frame * FRAME_MS + (frame < 10 ? 0 : 50)),
  );
  t.true((late[10] ?? 0) > 45);
  t.is(late.at(-1), 0);
});

test('timestamps that leap, and pauses, are no lateness', (t) => {
  const lateness = new Lateness(CLOCK_RATE);
  lateness.take(0, 0);
  t.is(lateness.take(10 * CLOCK_RATE, 100), 0);
  t.is(lateness.take(10 * CLOCK_RATE + FRAME, 9000), 0);
});
