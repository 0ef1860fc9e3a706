/** The line of a home becomes slow: whoever receives there asks the room for less, and its router's queue empties. */
import { setTimeout as delay } from 'node:timers/promises';
import { connectNats } from '../../../infra/nats/connection.ts';
import { Lab } from '../lab.ts';
import { LAN_DEVICE } from '../parts/lan.ts';
import type { Nat } from '../parts/nat.ts';
import { LabRoom } from '../rooms/lab-room.ts';
import { netTest } from './net-test.ts';

const SENDERS = ['B', 'C', 'D'];
/** Of each; together more than the slow line carries. */
const BITRATE = '100k-1500k';
const FAST_BPS = 20e6;
const SLOW_BPS = 3e6;
/** By then cameras are at their rate, and the line is known to be free. In ms. */
const SETTLED_MS = 8000;
/** What waits by then has had time to leave. */
const EMPTY_MS = 6000;

/** What the router sends into the home has this rate, and a queue of a quarter of a second (tc-tbf(8)). */
const slowDown = (router: Nat, change: 'add' | 'change', bps: number) =>
  router.run(`tc qdisc ${change} dev ${LAN_DEVICE} root tbf rate ${bps}bit burst 8kb latency 250ms`);

netTest('who receives on a line that becomes slow asks for what it carries, within a second', async (t) => {
  await using lab = await Lab.start({ delayMs: 40, loss: 0 });
  const nats = await lab.nats();
  const home = await lab.nat('full-cone');
  const receiver = await home.host();
  await slowDown(home, 'add', FAST_BPS);
  await using bus = await connectNats({ url: nats.testUrl, id: 'listener' });
  const asked: { readonly bps: number; readonly atMs: number }[] = [];
  bus.subscribe('>', (subject, bytes) => {
    const [, bps] = /"downloadBps":(\d+)/.exec(Buffer.from(bytes).toString()) ?? [];
    if (subject.endsWith('.A.all.profile') && bps) asked.push({ bps: Number(bps), atMs: performance.now() });
  });
  await using room = await LabRoom.open(nats);
  const args = ['--upload', '20M', '--lend', '0'];
  const starting = SENDERS.map(async (id) => room.start(id, await lab.host(), ...args, '--bitrate', BITRATE));
  await Promise.all([room.start('A', receiver, ...args), ...starting]);
  for (const id of ['A', ...SENDERS]) room.join(id);
  await delay(SETTLED_MS);
  t.deepEqual(asked, [], 'the fast line has room for all');

  await slowDown(home, 'change', SLOW_BPS);
  const slowMs = performance.now();
  await delay(EMPTY_MS);
  const [first] = asked;
  t.true(first !== undefined && first.atMs - slowMs < 1000, JSON.stringify(asked));
  const last = asked.at(-1)?.bps ?? 0;
  t.true(last > 0.7 * SLOW_BPS && last < SLOW_BPS, `${last} bit/s are asked for`);
  const [{ backlog }] = JSON.parse(await home.run(`tc -s -j qdisc show dev ${LAN_DEVICE}`));
  t.true((8000 * backlog) / SLOW_BPS < 50, `${backlog} bytes wait`);
});
