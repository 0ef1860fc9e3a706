/** The same id twice, and a clock that goes back: the younger process is the member, and everybody meets it soon. */
import test from 'ava';
import { drawn } from '../extent.ts';
import type { PresetName } from './script/presets.ts';
import type { Fault } from './script/script.ts';
import { PACKETS_PER_SECOND, WINDOW_MS } from './simulation.ts';
import { verdictOf } from './verdict/verdict.ts';
import { World } from './world/world.ts';

const MBIT = 1_000_000;
const PEERS = ['A', 'B', 'C', 'D'];
/** The room has settled by then, in ms. */
const TROUBLE_MS = 4000;
const SECONDS = 25;
/** Whoever comes back with an earlier clock is met within this, in ms. */
const MET_WITHIN_MS = 10_000;

function roomWith(trouble: readonly Fault[], preset: PresetName): { world: World; lines: string[] } {
  const camera = { name: 'camera', media: 'video' as const, minBps: 0.2 * MBIT, maxBps: MBIT, group: null, layer: 0 };
  const voice = { name: 'voice', media: 'audio' as const, minBps: 32_000, maxBps: 32_000, group: null, layer: 0 };
  const joins = PEERS.map((peer, index): Fault => {
    const uploadBps = (peer === 'C' ? 2 : 12) * MBIT;
    return {
      ...{ at: index * 100, do: 'join', peer, uploadBps, lendBps: uploadBps, compatible: true },
      ...{ streams: [camera, voice], wants: 'all', downloadBps: null },
    };
  });
  const script = { seed: 1, preset, seconds: SECONDS, faults: [...joins, ...trouble] };
  const lines: string[] = [];
  const watch = (line: string) => lines.push(line);
  return { world: new World({ script, packetsPerSecond: PACKETS_PER_SECOND, windowMs: WINDOW_MS, watch }), lines };
}

for (const peer of ['A', 'C']) {
  test(`when ${peer} wakes up and finds itself in the room, it goes, and takes nothing along`, (t) => {
    const forMs = 6000;
    const { world, lines } = roomWith([{ at: TROUBLE_MS, do: 'twin', peer, forMs }], 'calm');
    world.run();
    const ends = lines.filter((line) => line.includes(' has ended: '));
    t.is(ends.length, 1);
    t.regex(ends[0] ?? '', new RegExp(` ${peer} has ended: replaced$`));
    const [endedMs] = ends.map((line) => Number.parseFloat(line));
    t.true((endedMs ?? 0) < TROUBLE_MS + forMs + 2000, `ended at ${endedMs} ms`);
    t.deepEqual(verdictOf(world).violations, []);
    world.end();
  });

  for (const preset of (['calm', 'hostile'] as const).slice(0, drawn(1, 2))) {
    test(`${preset}: ${peer} is met within ten seconds though its clock stands an hour earlier than before`, (t) => {
      const { world } = roomWith([{ at: TROUBLE_MS, do: 'clockback', peer, forMs: 500, backMs: 3_600_000 }], preset);
      world.clock.runUntil(TROUBLE_MS + 500 + MET_WITHIN_MS);
      const epoch = world.alive.find(({ id }) => id === peer)?.epoch;
      t.true((epoch ?? 0) > 0);
      for (const { id, view } of world.alive) t.is(view?.members.get(peer)?.epoch, epoch, `as ${id} sees it`);
      world.run();
      t.deepEqual(verdictOf(world).violations, []);
      world.end();
    });
  }
}

test('an older process that is cut off before it can learn of the younger one is nobody whose voice counts', (t) => {
  const wokenMs = TROUBLE_MS + 1000;
  const { world, lines } = roomWith(
    [
      { at: TROUBLE_MS, do: 'twin', peer: 'A', forMs: wokenMs - TROUBLE_MS },
      { at: wokenMs + 50, do: 'away', peers: ['A'], forMs: 8000 },
    ],
    'calm',
  );
  world.run();
  const [endedMs] = lines.filter((line) => line.includes(' has ended: ')).map((line) => Number.parseFloat(line));
  t.true((endedMs ?? 0) > wokenMs + 8000, `ended at ${endedMs} ms`);
  t.deepEqual(verdictOf(world).violations, []);
  world.end();
});
