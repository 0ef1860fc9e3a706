/** A scenario that says where its peers sit is played there, and judged like any other. */

import { playAndJudge } from '../../scenarios/play-and-judge.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { netTest } from './net-test.ts';

const BITRATE = { minBps: 350_000, maxBps: 350_000 };

const APART: Scenario = {
  name: 'apart',
  title: 'two homes of a country, on the open internet',
  peers: [
    { id: 'A', uploadBps: 5e6, bitrate: BITRATE },
    { id: 'B', uploadBps: 5e6, bitrate: BITRATE },
  ],
  sites: { A: 'public', B: 'public' },
  steps: [{ do: 'join', peers: ['A', 'B'] }],
  expect: [],
};

netTest('peers on two hosts of a lab get all of each other’s packets', async (t) => {
  const { verdict, flaws } = await playAndJudge(APART);
  t.deepEqual(flaws, []);
  t.is(verdict.delivered, 1);
  t.is(verdict.pairs.length, 2);
});
