/** So much at once, and so much a second. */
import test from 'ava';
import fc from 'fast-check';
import { Allowance } from '../../../machines/hearing/allowance.ts';

const aTime = fc.double({ min: 0, max: 1e9, noNaN: true });

test('after a long pause all of the burst is there, whatever the clock shows, and no more', (t) => {
  const property = fc.property(aTime, aTime, (firstMs, pauseMs) => {
    const allowance = new Allowance({ burst: 3, perSecond: 7 });
    const whole = [firstMs, firstMs + 1000 + pauseMs].map((nowMs) => [
      allowance.take(3, nowMs),
      allowance.take(0.1, nowMs),
    ]);
    return whole.flat().join() === 'true,false,true,false';
  });
  t.notThrows(() => fc.assert(property, { seed: 6, numRuns: 1000 }));
});

test('in the long run it is the rate, and what is refused costs nothing', (t) => {
  const allowance = new Allowance({ burst: 5, perSecond: 20 });
  let taken = 0;
  for (let ms = 0; ms < 60_000; ms++) if (allowance.take(1, ms)) taken += 1;
  t.true(Math.abs(taken - (5 + 20 * 60)) <= 1, `${taken}`);
});

test('a clock that stands still or goes back gives nothing', (t) => {
  const allowance = new Allowance({ burst: 2, perSecond: 1 });
  t.deepEqual(
    [9, 9, 9, 8].map((ms) => allowance.take(1, ms)),
    [true, true, false, false],
  );
});
