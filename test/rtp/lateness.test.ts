import test from 'ava';
import { Lateness } from '../../infra/rtp/lateness.ts';

const CLOCK_RATE = 90_000;
const FRAME_MS = 40;
const FRAME = (FRAME_MS * CLOCK_RATE) / 1000;

test('a packet is late by what it waited longer than the soonest, around the end of the timestamps', (t) => {
  const lateness = new Lateness({ clockRate: CLOCK_RATE });
  const first = 2 ** 32 - FRAME;
  const take = (frame: number, waitedMs: number) =>
    lateness.take((first + frame * FRAME) >>> 0, frame * FRAME_MS + waitedMs);
  t.is(take(0, 20), 0);
  t.is(take(1, 5), 0, 'sooner than all before');
  t.true(Math.abs(take(2, 65) - 60) < 2);
  t.true(Math.abs(take(2, 85) - 80) < 3, 'the last packet of that picture');
  t.true(take(3, 5) < 2);
});

test('what has waited for some seconds in a queue is counted whole', (t) => {
  const lateness = new Lateness({ clockRate: CLOCK_RATE });
  const late = Array.from({ length: 100 }, (_, frame) =>
    lateness.take(frame * FRAME, frame * FRAME_MS + (frame === 0 ? 0 : 300)),
  );
  t.is(late.at(-1), 300);
});

test('where the way has become longer that is what is usual after some seconds', (t) => {
  const lateness = new Lateness({ clockRate: CLOCK_RATE });
  const late = Array.from({ length: 200 }, (_, frame) =>
    lateness.take(frame * FRAME, frame * FRAME_MS + (frame < 10 ? 0 : 50)),
  );
  t.true((late[10] ?? 0) > 45);
  t.is(late.at(-1), 0);
  t.is(lateness.take(200 * FRAME, 200 * FRAME_MS), 0, 'and shorter again');
  t.is(lateness.take(201 * FRAME, 201 * FRAME_MS + 50), 50);
});

test('timestamps that leap, and pauses, are no lateness', (t) => {
  const lateness = new Lateness({ clockRate: CLOCK_RATE });
  lateness.take(0, 0);
  t.is(lateness.take(10 * CLOCK_RATE, 100), 0);
  t.is(lateness.take(10 * CLOCK_RATE + FRAME, 9000), 0);
});

test('how late a packet can be, and for how long that counts, whoever asks may say', (t) => {
  const lateness = new Lateness({ clockRate: CLOCK_RATE, longestMs: 100, windowMs: 400 });
  const take = (frame: number, waitedMs: number) => lateness.take(frame * FRAME, frame * FRAME_MS + waitedMs);
  take(0, 0);
  t.is(take(1, 100), 100);
  t.is(take(2, 101), 0);
  t.is(take(3, 101), 0);
  const late = Array.from({ length: 9 }, (_, frame) => take(4 + frame, 151));
  t.deepEqual([late.at(0), late.at(7), late.at(8)], [50, 50, 0]);
});
