import test from 'ava';
import { OverratedWatch } from '../../../actors/uplink/overrated.ts';

const SHORT = { isToldBelieved: false, capacityBps: 2_000_000.4, limitedBy: 'line' } as const;
const TOLD_BPS = 10_000_000;

test('that a line carries less than is told is said once, when it has lasted, and again of another figure', (t) => {
  const watch = new OverratedWatch();
  const observe = (atMs: number, state: Parameters<OverratedWatch['observe']>[0] = SHORT, toldBps = TOLD_BPS) =>
    watch.observe(state, toldBps, atMs);
  t.deepEqual(observe(0), []);
  t.deepEqual(observe(4000, { ...SHORT, limitedBy: 'foreign' }), []);
  t.deepEqual(observe(6000), [], 'what was before another program came does not count');
  t.deepEqual(observe(11_000), [{ type: 'uplink.overrated', toldBps: TOLD_BPS, lineBps: 2_000_000 }]);
  t.deepEqual([...observe(20_000), ...observe(60_000)], []);
  t.deepEqual([...observe(61_000, SHORT, 5_000_000), ...observe(66_000, SHORT, 5_000_000)].length, 1);
});

test('a figure that is believed, and a line of which nobody says anything, are no news', (t) => {
  const watch = new OverratedWatch();
  for (const atMs of [0, 10_000]) {
    t.deepEqual(watch.observe({ ...SHORT, isToldBelieved: true }, TOLD_BPS, atMs), []);
    t.deepEqual(watch.observe(SHORT, null, atMs), []);
  }
});
