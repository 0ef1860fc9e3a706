import test from 'ava';
import { Interval, spreadMs } from '../../actors/interval.ts';
import { DELAYS } from '../../machines/timers.ts';

test('two reports in a row stay within the silence that makes a member doubtful, though they are spread', (t) => {
  t.is(spreadMs(1000, 0.2, 0), 800);
  t.is(spreadMs(1000, 0.2, 0.5), 1000);
  t.true(2 * spreadMs(DELAYS.receiverReport, 0.2, 1) < DELAYS.mediaSilence);
});

test('a spread interval goes on until it is stopped, also by its own task', async (t) => {
  let runs = 0;
  await new Promise<void>((resolve) => {
    const interval = new Interval(
      1,
      () => {
        runs++;
        if (runs < 3) return;
        interval.stop();
        resolve();
      },
      0.5,
    );
    interval.run(true);
    interval.run(true);
    // It does not keep the process.
    const alive = setInterval(() => undefined, 1000);
    t.teardown(() => clearInterval(alive));
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.is(runs, 3);
});
