/** What is kept of a line that is measured. */
import test from 'ava';
import { LineHistory } from '../../actors/call/line-history.ts';

test('of each five seconds one figure is kept, and a minute of them', (t) => {
  const history = new LineHistory();
  history.note(undefined, 0);
  t.deepEqual(history.pastBps, []);
  for (let second = 1; second <= 100; second++) history.note(1000 * second, 1000 * second);
  t.is(history.pastBps.length, 12);
  t.deepEqual([history.pastBps[0], history.pastBps.at(-1)], [41_000, 96_000]);
});
