/** What the room plans with, where a program sends something else than was declared. */
import test from 'ava';
import { RealRate } from '../../actors/source/real-rate.ts';

const DECLARED = 1_000_000;
/** The rates of so many seconds, looked at ten times each: what it plans with whenever that changes. */
function changes(real: RealRate, ...rates: readonly (readonly [seconds: number, bps: number])[]): number[] {
  const seen: number[] = [];
  let nowMs = 0;
  for (const [seconds, bps] of rates) {
    for (let step = 0; step < 10 * seconds; step += 1) {
      nowMs += 100;
      if (real.observe(bps, nowMs)) seen.push(real.mostBps);
    }
  }
  return seen;
}

test('more than was declared is planned for once it lasts, and what was declared once that is enough again', (t) => {
  const real = new RealRate(DECLARED);
  t.deepEqual(changes(real, [5, 900_000], [1, 2_000_000], [5, 1_000_000]), []);
  t.is(real.mostBps, DECLARED);
  t.deepEqual(
    changes(new RealRate(DECLARED), [3, 2_000_000], [3, 3_000_000], [8, 500_000], [3, 3_000_000]),
    [2_100_000, 3_150_000],
  );
  t.deepEqual(changes(new RealRate(DECLARED), [3, 2_000_000], [12, 500_000], [3, 2_000_000]), [
    2_100_000,
    DECLARED,
    2_100_000,
  ]);
});
