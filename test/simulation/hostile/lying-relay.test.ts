/** A relay that takes what it should forward and forwards nothing is found out, and its clients go round it. */
import test from 'ava';
import { camerasJoin } from '../script/cameras.ts';
import type { Fault } from '../script/script.ts';
import { simulate } from '../simulation.ts';

const UPLOADS = { A: 12, B: 12, C: 2, D: 8 };

function roomWithLiar(liar: string): Fault[] {
  // It lies to the end of the run: the fault that counts is its beginning.
  return [...camerasJoin(UPLOADS), { at: 4000, do: 'lie', peer: liar, forMs: 60_000 }];
}

for (const liar of ['A', 'B', 'D']) {
  test(`everybody is served though ${liar} lies`, (t) => {
    const { violations } = simulate({ seed: 1, preset: 'calm', seconds: 20, faults: roomWithLiar(liar) });
    t.deepEqual(violations, []);
  });
}
