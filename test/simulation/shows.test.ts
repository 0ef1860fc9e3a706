/** Streams that come and go in mid-call: what is shown gets to everybody who wants it, and no voice suffers from what another does. */
import test from 'ava';
import { drawScript } from './script/draw.ts';
import type { Fault, SimulatedStream } from './script/script.ts';
import { simulate } from './simulation.ts';

const MBIT = 1_000_000;
const single = { group: null, layer: 0 };
const VOICE: SimulatedStream = { name: 'voice', media: 'audio', minBps: 32_000, maxBps: 32_000, ...single };
const SCREEN: SimulatedStream = { name: 'screen', media: 'video', minBps: 0.3 * MBIT, maxBps: 2 * MBIT, ...single };

/** A has upload for one copy of its screen, B for all of them. */
function played(...shows: readonly (readonly [at: number, peer: string, ...streams: string[]])[]) {
  const joins = ['A', 'B', 'C', 'D'].map((peer, index): Fault => {
    const uploadBps = (peer === 'B' ? 20 : 2.5) * MBIT;
    return {
      ...{ at: index * 100, do: 'join', peer, uploadBps, lendBps: uploadBps, compatible: true },
      ...{ streams: [VOICE, SCREEN], wants: 'all', downloadBps: null },
    };
  });
  const faults = shows.map(([at, peer, ...streams]): Fault => ({ at, do: 'show', peer, streams }));
  return simulate({ seed: 3, preset: 'calm', seconds: 20, faults: [...joins, ...faults] });
}

test('a screen that comes, goes and comes again is delivered by relays as before', (t) => {
  const whole = played();
  const others = (['B', 'C', 'D'] as const).map((peer) => [4000, peer, 'voice'] as const);
  const again = played(
    ...others,
    [5000, 'A', 'voice'],
    [7000, 'A', 'voice', 'screen'],
    [7020, 'A'],
    [7040, 'A', 'screen', 'voice'],
  );
  for (const verdict of [whole, again]) t.like(verdict, { violations: [], delivered: 1 });
  t.true(again.settleMs < 3000, `${again.settleMs} ms`);
});

test('a room where streams come and go all the time settles, and nothing is violated', (t) => {
  const script = drawScript({ seed: 3, preset: 'shows', peers: 7, seconds: 30 });
  t.true(script.faults.filter((fault) => fault.do === 'show').length > 4);
  const { violations } = simulate(script);
  t.deepEqual(violations, [], 'npm run simulate -- --preset shows --peers 7 --seconds 30 --seed 3');
});
