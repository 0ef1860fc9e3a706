import test from 'ava';
import { run, SCENARIO, snapshot, stream } from './made-up.ts';
import { compareRates, offPlan } from './rates.ts';

const MBIT = 1_000_000;
const peers = ['A', 'B', 'C'].map((id) => {
  return { id, uploadBps: 2 * MBIT, bitrate: { minBps: 0, maxBps: 5 * MBIT } };
});

test('the plan is made from the uploads that peers have at the end, less the headroom', (t) => {
  const reports = [
    snapshot({
      A: { uploadBps: 2 * MBIT, streams: [stream(0, MBIT)] },
      B: { uploadBps: 4 * MBIT, streams: [stream(0, 7)] },
    }),
  ];
  const rates = compareRates(run({ scenario: { ...SCENARIO, peers }, present: ['A', 'B'], reports }));
  t.deepEqual(rates, [
    { source: 'A', stream: 'camera', rateBps: MBIT, plannedBps: 1.9 * MBIT },
    { source: 'B', stream: 'camera', rateBps: 7, plannedBps: 3.8 * MBIT },
  ]);
});

test('a headroom of its own counts instead of the usual one', (t) => {
  const [first, ...others] = peers;
  const cautious = first === undefined ? [] : [{ ...first, headroom: 50 }, ...others];
  const reports = [snapshot({ A: { uploadBps: 2 * MBIT }, B: { uploadBps: 2 * MBIT } })];
  const rates = compareRates(run({ scenario: { ...SCENARIO, peers: cautious }, present: ['A', 'B'], reports }));
  t.deepEqual(
    rates.map(({ plannedBps }) => plannedBps),
    [MBIT, 1.9 * MBIT],
  );
});

test('who runs off the plan is named, whether too fast or too slow', (t) => {
  const rates = [
    { source: 'A', stream: 'camera', rateBps: 0.98 * MBIT, plannedBps: MBIT },
    { source: 'B', stream: 'camera', rateBps: 0.5 * MBIT, plannedBps: MBIT },
    { source: 'C', stream: 'screen', rateBps: 2 * MBIT, plannedBps: MBIT },
  ];
  t.deepEqual(offPlan(rates), [
    'B/camera runs at 500 kbit/s instead of 1 Mbit/s',
    'C/screen runs at 2 Mbit/s instead of 1 Mbit/s',
  ]);
});
