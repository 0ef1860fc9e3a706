/** What peers in a lab say of how they talk: it is what the routers between them let through. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerReport } from '../../../actors/call/control.ts';
import { Lab } from '../lab.ts';
import { LabRoom } from '../rooms/lab-room.ts';
import { netTest } from './net-test.ts';

/** One way between two sites, in ms. */
const DELAY_MS = 4;
/** How often the peers are asked, in ms. */
const LOOK_MS = 50;
/** From the join; the longest that a person is to wait for the reason. */
const NAMED_WITHIN_MS = 3500;

type Pair = PeerReport['pairs'][number];

/** How `from` says that it talks with `to`, once that is so. */
async function until(room: LabRoom, [from, to]: readonly [string, string], kind: Pair['kind']): Promise<Pair> {
  for (;;) {
    const pairs = (await room.ask([from])).get(from)?.pairs ?? [];
    const pair = pairs.find(({ peer }) => peer === to);
    if (pair?.kind === kind) return pair;
    await delay(LOOK_MS);
  }
}

netTest(
  'a home and the internet talk directly, two in one LAN by the LAN, two symmetric NATs over who reaches both',
  async (t) => {
    await using lab = await Lab.start({ delayMs: DELAY_MS });
    await using room = await LabRoom.open(await lab.nats());
    const [first, second] = [await lab.nat('symmetric'), await lab.nat('symmetric')];
    const [open, other] = [await lab.host(), await lab.host()];
    await room.start('A', open);
    // A second one on the internet, so that each home hears of two that it is behind a symmetric NAT.
    await room.start('B', other);
    await room.start('C', await first.host());
    await room.start('D', await first.host());
    await room.start('E', await second.host());
    for (const id of ['A', 'B', 'C', 'D', 'E']) room.join(id);
    const direct = await until(room, ['C', 'A'], 'direct');
    t.true('rttMs' in direct && (direct.rttMs ?? 0) >= 2 * DELAY_MS);
    t.is((await until(room, ['C', 'D'], 'lan')).peer, 'D');
    const via = await until(room, ['C', 'E'], 'via');
    t.like(via, { reason: 'nat' });
    t.true('relays' in via && via.relays.every((relay) => relay === 'A' || relay === 'B'));
  },
);

netTest('where UDP is blocked it is named, in time', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  await using room = await LabRoom.open(await lab.nats());
  await room.start('A', await lab.host());
  await room.start('B', await lab.host());
  const blocked = await room.start('C', await (await lab.nat('udp-blocked')).host());
  room.join('A');
  room.join('B');
  const joinedMs = room.join('C');
  const { time } = await blocked.event(({ event }) => event === 'udp.blocked');
  const tookMs = Date.parse(String(time)) - joinedMs;
  t.true(tookMs < NAMED_WITHIN_MS, `named after ${tookMs} ms`);
  t.log(`named after ${Math.round(tookMs)} ms`);
});
