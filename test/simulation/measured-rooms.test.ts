/** Rooms whose members measure their uplinks: how near they come to what their lines could do, how still they are, and how they follow. */
import test from 'ava';
import { processOf } from './failover.ts';
import { lineOf, measuredRoom, playUntil, shareOfBound, wrongIn } from './measured-room.ts';

const MBIT = 1_000_000;

test.serial(
  'five on lines of 2, 2, 5, 10 and 20 Mbit/s have nine tenths of the bound after 10 s, and then nothing moves',
  async (t) => {
    const world = measuredRoom({ uploads: { A: 2, B: 2, C: 5, D: 10, E: 20 }, seconds: 16 });
    await playUntil(world, 10_000);
    t.true(shareOfBound(world) >= 0.9, `${shareOfBound(world)}`);
    const { changes } = world;
    await playUntil(world, world.script.seconds * 1000);
    t.is(world.changes, changes);
    t.deepEqual(wrongIn(world), []);
    world.end();
  },
);

test.serial('eight are still, though what they send is nearly all that their lines carry', async (t) => {
  const uploads = { A: 2, B: 2, C: 3, D: 3, E: 4, F: 5, G: 8, H: 10 };
  const world = measuredRoom({ uploads, cameraBps: 0.5 * MBIT, seconds: 14 });
  await playUntil(world, 8000);
  const { changes } = world;
  await playUntil(world, world.script.seconds * 1000);
  t.is(world.changes, changes);
  t.deepEqual(wrongIn(world), []);
  world.end();
});

test.serial(
  'ten whose encoders send key frames, on lines that are late now and then: no leg is taken for narrow',
  async (t) => {
    t.timeout(300_000);
    const uploads = Object.fromEntries([...'ABCDEFGHIJ'].map((id, index) => [id, 1.5 + 0.5 * index]));
    const room = { uploads, cameraBps: 0.4 * MBIT, seconds: 5, preset: 'home', isBursty: true } as const;
    const world = measuredRoom(room);
    for (let atMs = 0; atMs < room.seconds * 1000; atMs += 100) {
      await playUntil(world, atMs);
      const caps = world.alive.flatMap(({ id, transport }) =>
        (transport.uplink?.state.caps ?? []).filter(({ why }) => why === 'queue').map(({ leg }) => `${id}>${leg}`),
      );
      t.deepEqual(caps, []);
    }
    world.end();
  },
);

/** C sends through A, whose line carries a part of what it did from 10 s on. */
async function relayFalls(part: number) {
  const world = measuredRoom({ uploads: { A: 12, B: 5, C: 1.5, D: 5, E: 5 }, cameraBps: MBIT, seconds: 12 });
  const fallenMs = 10_000;
  await playUntil(world, fallenMs);
  const { transport } = processOf(world, 'A');
  const line = lineOf(world, 'A');
  const isRelay = processOf(world, 'C').transport.table.relays.some(({ relay }) => relay === 'A');
  const before = { dropped: line.dropped, told: processOf(world, 'A').uploadBps };
  line.rateBps *= part;
  let toldMs = Number.POSITIVE_INFINITY;
  for (let atMs = fallenMs; atMs < fallenMs + 1000; atMs += 5) {
    world.clock.runUntil(atMs);
    if (processOf(world, 'A').uploadBps < 1.1 * part * before.told) toldMs = Math.min(toldMs, atMs - fallenMs);
  }
  await playUntil(world, world.script.seconds * 1000);
  const isThinnedStill = transport.table.relayed.some(({ isThinned }) => isThinned);
  const wrong = wrongIn(world);
  world.end();
  return { isRelay, toldMs, isThinnedStill, dropped: line.dropped - before.dropped, wrong };
}

test.serial(
  'the line of a relay is halved: the room knows after a third of a second, and neither a word nor a picture is lost',
  async (t) => {
    const { isRelay, toldMs, dropped, wrong } = await relayFalls(1 / 2);
    t.true(isRelay && toldMs <= 350, `${toldMs}`);
    t.is(dropped, 0);
    t.deepEqual(wrong, []);
  },
);

test.serial(
  'it carries a quarter, less than it has promised: its client goes at once, no word is lost, and nothing stays thinned',
  async (t) => {
    const { isRelay, toldMs, isThinnedStill, wrong } = await relayFalls(1 / 4);
    t.true(isRelay && toldMs <= 500, `${toldMs}`);
    t.false(isThinnedStill);
    t.deepEqual(wrong, []);
  },
);
