/** A cap of one leg: found only where that leg alone is full, for several reports, and not kept for ever. */
import test from 'ava';
import { LegCapRule } from '../../machines/uplink/leg-cap.ts';
import { House } from './house.ts';

const MBIT = 1e6;
const STEP_MS = 50;
const GROWING = { bps: 0.5 * MBIT, slope: 0.5, loss: 0 };
const STILL = { bps: 0.5 * MBIT, slope: 0.01, loss: 0 };
const FULL = { ownQueueMs: 120, isClean: false, isAlone: true, sample: GROWING, sentBps: 0.8 * MBIT };
const CLEAN = { ...FULL, ownQueueMs: 0, isClean: true, sample: undefined, sentBps: 0.1 * MBIT };

/** @returns whether any of these said that the way is longer */
function tell(rule: LegCapRule, reading: Parameters<LegCapRule['take']>[0], fromMs: number, forMs: number): boolean {
  let isLonger = false;
  for (let atMs = fromMs; atMs < fromMs + forMs; atMs += STEP_MS)
    isLonger = rule.take(reading, 10 * MBIT, atMs) || isLonger;
  return isLonger;
}

test('a leg that alone waits ever longer gets what its way carries', (t) => {
  const rule = new LegCapRule();
  tell(rule, FULL, 0, 700);
  t.is(rule.state?.why, 'queue');
  t.true((rule.capBps ?? 0) <= 0.5 * MBIT);
});

for (const [name, reading, forMs] of [
  ['a burst', FULL, 500],
  ['a queue that others have as well', { ...FULL, isAlone: false }, 5000],
  ['a queue that neither grows nor drops', { ...FULL, sample: STILL }, 2500],
  ['a queue that nothing is known of', { ...FULL, sample: undefined }, 2500],
] as const)
  test(`${name} is no cap`, (t) => {
    const rule = new LegCapRule();
    for (let burst = 0; burst < 5; burst += 1) {
      tell(rule, reading, 10_000 * burst, forMs);
      tell(rule, CLEAN, 10_000 * burst + forMs, 1000);
    }
    t.is(rule.state, undefined);
  });

test('what only seems to wait is the way', (t) => {
  t.true(tell(new LegCapRule(), { ...FULL, sample: STILL }, 0, 4000));
  t.false(tell(new LegCapRule(), FULL, 0, 4000));
});

test('a cap is forgotten after half a minute, and after a minute where it is found again', (t) => {
  const rule = new LegCapRule();
  tell(rule, FULL, 0, 1000);
  tell(rule, CLEAN, 1000, 28_000);
  t.not(rule.state, undefined);
  tell(rule, CLEAN, 29_000, 3000);
  t.is(rule.state, undefined);
  tell(rule, FULL, 32_000, 1000);
  tell(rule, CLEAN, 33_000, 57_000);
  t.not(rule.state, undefined);
  tell(rule, CLEAN, 90_000, 5000);
  t.is(rule.state, undefined);
});

test('a way that becomes longer by 150 ms is no narrow one, and is a leg like the others again', (t) => {
  const house = new House({ bps: 10 * MBIT, bufferMs: 250 });
  const sender = house.sends({ ways: [{}, {}, {}], demandBps: 8 * MBIT });
  house.run(5000);
  sender.receivers[0]?.becomes({ delayMs: 170 });
  for (let ms = 0; ms < 10_000; ms += 100) {
    house.run(100);
    t.deepEqual(sender.state.caps, []);
  }
  t.true(Math.abs(house.errorAt(15_000) - house.errorAt(5000)) <= 0.05);
});
