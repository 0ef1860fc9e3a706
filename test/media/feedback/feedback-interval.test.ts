import test from 'ava';
import { planReports } from '../../../actors/media/feedback/feedback-interval.ts';

/** Bytes a ms that two percent of so many bit/s are. */
const allowed = (bps: number) => (0.02 * bps) / 8000;

test('twenty reports a second, each telling also what the last one told, where the uplink does not feel it', (t) => {
  t.deepEqual(planReports({ perReport: 100, perMs: 0.5 }, 20e6), { intervalMs: 50, again: true });
  t.deepEqual(planReports({ perReport: 100, perMs: 0.5 }, 0), { intervalMs: 50, again: true });
});

test('on a small uplink reports become rarer, then tell everything once', (t) => {
  const rare = planReports({ perReport: 200, perMs: 0.5 }, 1e6);
  t.true(rare.again && rare.intervalMs > 50 && rare.intervalMs < 200);
  t.true(200 / rare.intervalMs + 2 * 0.5 <= allowed(1e6) * 1.0001);
  const once = planReports({ perReport: 200, perMs: 0.7 }, 0.8e6);
  t.false(once.again);
  t.true(200 / once.intervalMs + 0.7 <= allowed(0.8e6) * 1.0001);
});

test('five reports a second is the least', (t) => {
  t.deepEqual(planReports({ perReport: 1000, perMs: 3 }, 100_000), { intervalMs: 200, again: false });
});
