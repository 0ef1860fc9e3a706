import test from 'ava';
import { run, SCENARIO, snapshot } from './made-up.ts';
import { compareRates } from './rates.ts';

const MBIT = 1_000_000;
const peers = ['A', 'B', 'C'].map((id) => {
  return { id, uploadBps: 2 * MBIT, bitrate: { minBps: 0, maxBps: 5 * MBIT } };
});

test('the plan is made from the uploads that peers have at the end, less the headroom', (t) => {
  const reports = [snapshot({ A: { uploadBps: 2 * MBIT, rateBps: MBIT }, B: { uploadBps: 4 * MBIT, rateBps: 7 } })];
  const rates = compareRates(run({ scenario: { ...SCENARIO, peers }, present: ['A', 'B'], reports }));
  t.deepEqual(rates, [
    { source: 'A', rateBps: MBIT, plannedBps: 1.9 * MBIT },
    { source: 'B', rateBps: 7, plannedBps: 3.8 * MBIT },
  ]);
});
