/** What happens to a process that stands still is caught up with in its order, and before anything newer. */
import test from 'ava';
import { VirtualClock } from '../clock.ts';
import { ProcessClock } from './process-clock.ts';

test('what happens in the very moment in which a stall ends comes after what happened before', (t) => {
  const clock = new VirtualClock();
  const process = new ProcessClock(clock, () => undefined);
  const done: string[] = [];
  const happens = (what: string, atMs: number) =>
    clock.setTimeout(() => process.enter(() => done.push(what)), atMs - clock.now());
  happens('at its end', 300);
  process.setTimeout(() => done.push('a timer due at its end'), 300);
  happens('meanwhile', 200);
  clock.runUntil(100);
  process.stall(200);
  happens('after it', 301);
  clock.runUntil(1000);
  t.deepEqual(done, ['meanwhile', 'at its end', 'a timer due at its end', 'after it']);
});
