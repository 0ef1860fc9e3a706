/** A relay that takes what it should forward and forwards nothing is found out, and its clients go round it. */
import test from 'ava';
import type { Fault } from '../script/script.ts';
import { simulate } from '../simulation.ts';

const MBIT = 1_000_000;
const shown = {
  streams: [{ name: 'camera', media: 'video' as const, minBps: MBIT, maxBps: MBIT, group: null, layer: 0 }],
  wants: 'all' as const,
  downloadBps: null,
};
const UPLOADS: readonly [string, number][] = [
  ['A', 12],
  ['B', 12],
  ['C', 2],
  ['D', 8],
];

function roomWithLiar(liar: string): Fault[] {
  const joins = UPLOADS.map(([peer, mbit], index): Fault => {
    const uploadBps = mbit * MBIT;
    return { at: index * 100, do: 'join', peer, uploadBps, lendBps: uploadBps, compatible: true, ...shown };
  });
  // It lies to the end of the run: the fault that counts is its beginning.
  return [...joins, { at: 4000, do: 'lie', peer: liar, forMs: 60_000 }];
}

for (const liar of ['A', 'B', 'D']) {
  test(`everybody is served though ${liar} lies`, (t) => {
    const { violations } = simulate({ seed: 1, preset: 'calm', seconds: 20, faults: roomWithLiar(liar) });
    t.deepEqual(violations, []);
  });
}
