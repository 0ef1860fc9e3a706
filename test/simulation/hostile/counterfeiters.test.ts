/**
 * Relays that make up packets with the keys of what they relay: nothing of it is played past a second, whoever did it is named and nobody
 * else, and all are served by others. Members that tell keys of others' streams: nobody takes them.
 */
import test from 'ava';
import { drawn } from '../../extent.ts';
import { camerasJoin } from '../script/cameras.ts';
import type { Script } from '../script/script.ts';
import { simulate } from '../simulation.ts';

/** C and E can send one copy, and need relays. */
const UPLOADS = { A: 16, B: 16, C: 2, D: 16, E: 2 };

function roomWith(counterfeiter: string, seed: number): Script {
  const fault = { at: 4000, do: 'counterfeit', peer: counterfeiter, forMs: 5000 } as const;
  return { seed, preset: 'calm', seconds: 22, sealed: true, faults: [...camerasJoin(UPLOADS), fault] };
}

for (const seed of [1, 2, 3].slice(0, drawn(1, 3))) {
  test(`a relay makes up packets (seed ${seed})`, (t) => {
    const { violations, forgeries } = simulate(roomWith('A', seed));
    t.deepEqual(violations, []);
    t.true(forgeries.played.length > 0);
    t.deepEqual([...new Set(forgeries.named)], ['A']);
  });
}

test('a member tells keys of streams that are not its own to whoever joins: they open what the owners send', (t) => {
  const newcomers = camerasJoin({ F: 16, G: 16, H: 16 }, 1000).map((joins) => ({ ...joins, at: joins.at + 5000 }));
  const counterfeit = { at: 4000, do: 'counterfeit', peer: 'B', forMs: 6000 } as const;
  const faults = [...camerasJoin(UPLOADS), counterfeit, ...newcomers];
  t.deepEqual(simulate({ seed: 1, preset: 'home', seconds: 22, sealed: true, faults }).violations, []);
});
