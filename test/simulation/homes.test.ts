/** Two at home behind one router, and three elsewhere: what the two send each other passes no line, and the line is both's. */
import test from 'ava';
import { jain } from '../uplink/house.ts';
import { processOf } from './failover.ts';
import { lineOf, measuredRoom, playUntil, wrongIn } from './measured-room.ts';

const MBIT = 1_000_000;
const LINE_BPS = 5 * MBIT;
const AT_HOME = ['A', 'B'];
/** Those elsewhere come first, and the two have each other's outside address from them. */
const uploads = { C: 5, A: LINE_BPS / MBIT, B: LINE_BPS / MBIT, D: 5, E: 5 };
const homes = { A: 'home', B: 'home' };
const SETTLED_MS = 10_000;
const END_MS = 16_000;
const LOOK_MS = 100;

test.serial('nothing that stays in the home is taken for what its line carries, and the two share that', async (t) => {
  const world = measuredRoom({ uploads, homes, seconds: END_MS / 1000 });
  await playUntil(world, SETTLED_MS);
  const line = lineOf(world, 'A');
  t.is(lineOf(world, 'B'), line);
  const offeredBefore = line.offeredBits;
  const published: number[][] = [];
  for (let atMs = SETTLED_MS; atMs < END_MS; atMs += LOOK_MS) {
    await playUntil(world, atMs);
    const now = AT_HOME.map((peer) => processOf(world, peer).transport.uplink?.state.publishedBps ?? 0);
    t.true(
      now.every((bps) => bps < 0.7 * LINE_BPS && bps > LINE_BPS / 4),
      `${now} at ${atMs} ms`,
    );
    published.push(now);
  }
  await playUntil(world, END_MS);
  const middles = AT_HOME.map((_, index) => middleOf(published.map((now) => now[index] ?? 0)));
  t.true(jain(middles) >= 0.97, `${middles}`);
  const usedBps = (1000 * (line.offeredBits - offeredBefore)) / (END_MS - SETTLED_MS);
  t.true(usedBps >= 0.9 * LINE_BPS && usedBps < LINE_BPS, `${usedBps} bit/s leave the home`);
  t.is(line.dropped, 0);
  const rates = world.alive.map((process) => process.rateOf('camera'));
  t.true(jain(rates) > 0.99, `${rates}`);
  t.deepEqual(wrongIn(world), []);
  world.end();
});

test.serial('in a room of one home the home is all that there is: what it carries is found', async (t) => {
  const all = { A: 'home', B: 'home', C: 'home' };
  const world = measuredRoom({ uploads: { A: 2, B: 2, C: 2 }, homes: all, cameraBps: MBIT, seconds: 5 });
  await playUntil(world, 5000);
  for (const { id, profile } of world.alive)
    t.true(profile.uploadBps > 2 * MBIT, `${id} tells ${profile.uploadBps} bit/s`);
  t.is(lineOf(world, 'A').offeredBits, 0);
  t.deepEqual(wrongIn(world), []);
  world.end();
});

function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
