/** What runs come to, without a network. */
import test from 'ava';
import { rowOf } from './report.ts';

test('a row takes the gaps of all receivers of all runs, and sums what was lost and played twice', (t) => {
  const runs = Array.from({ length: 10 }, (_, index) => ({
    ...{
      gapsMs: [100 + 2 * index, 101.4 + 2 * index],
      latestMs: [80 + index],
      lost: index === 9 ? 3 : 0,
      duplicates: 0,
    },
  }));
  t.deepEqual(rowOf('crash', 4, runs), {
    ...{ kind: 'crash', slowness: 4, runs: 10, gapP50Ms: 109, gapP95Ms: 118, lateP50Ms: 84, lateP95Ms: 89 },
    ...{ lost: 3, duplicates: 0, runsWithLoss: 1 },
  });
  t.like(rowOf('stall', 1, []), { runs: 0, gapP50Ms: null, gapP95Ms: null });
});
