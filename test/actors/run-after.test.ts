/** A timer that knows how late it is. */
import test from 'ava';
import { runAfter } from '../../actors/run-after.ts';
import { VirtualClock } from './virtual-clock.ts';

function open() {
  const clock = new VirtualClock(7);
  const ran: number[] = [];
  const end = runAfter(clock, 100, (lateMs) => void ran.push(lateMs));
  return { clock, ran, end };
}

test('a timer that runs in time is late by nothing, and runs once', (t) => {
  const { clock, ran } = open();
  clock.advance(99);
  t.deepEqual(ran, []);
  clock.advance(500);
  t.deepEqual(ran, [0]);
});

test('one that ran only after a busy time is late by what was left of that', (t) => {
  const { clock, ran } = open();
  clock.advance(60);
  clock.stall(120);
  clock.advance(0);
  t.deepEqual(ran, [80]);
});

test('one that runs a little early, as timers may, is not late', (t) => {
  const ran: number[] = [];
  let nowMs = 0.6;
  let run: () => void = () => undefined;
  runAfter(
    {
      now: () => nowMs,
      after: (_, task) => {
        run = task;
        return () => undefined;
      },
    },
    100,
    (lateMs) => void ran.push(lateMs),
  );
  nowMs = 100;
  run();
  t.deepEqual(ran, [0]);
});

test('one that was called off does not run', (t) => {
  const { clock, ran, end } = open();
  end();
  clock.advance(500);
  t.deepEqual(ran, []);
});
