/** A person with a small uplink is seen through a relay: how late, and for how long not when the relay's process is killed. */
import { type Person, Room } from '../calls/room.ts';
import { seenTiles } from '../calls/watch.ts';
import type { PageCase } from '../contract.ts';
import { atShare, rounded } from '../figures.ts';

/** Enough for one copy of a camera and its voice, and not for two. */
const POOR = { name: 'Ada', args: ['--upload', '400k'] };
const RELAY = { name: 'Bob', args: ['--upload', '20M'] };
/** He has nothing to lend, so that there is no question who relays. */
const VIEWER = { name: 'Cid', args: ['--upload', '4M', '--lend', '0'] };
const TILE = 'Ada/';
const P95 = 0.95;
/** Until encoders and buffers have found their pace, in ms. */
const CALM_MS = 4000;
/** A freeze that begins with the end of the relay is over by then, or was one of this length at least, in ms. */
const WATCHED_MS = 4000;

export const GLASS_TO_GLASS: PageCase = {
  name: 'glass-to-glass-relayed-p95',
  goal: '<= 100 ms',
  async measure({ seconds, say }) {
    await using room = await Room.open({ readsTimes: true });
    const { viewer } = await seat(room);
    const { page } = viewer.tab;
    await page.evaluate((tile) => delete window.watched.delays[tile], TILE);
    await page.waitForTimeout(1000 * seconds);
    const delays = (await page.evaluate(() => window.watched)).delays[TILE] ?? [];
    say(`p50 ${rounded(atShare(delays, 0.5))} ms, of ${delays.length} frames`);
    return { value: rounded(atShare(delays, P95)), unit: 'ms' };
  },
};

export const RELAY_KILLED: PageCase = {
  name: 'relay-killed-freeze-p95',
  goal: '<= 400 ms',
  async measure({ runs, say }) {
    const freezes: number[] = [];
    for (let run = 0; run < runs; run++) {
      await using room = await Room.open();
      freezes.push(await killRelay(await seat(room)));
      say(`${rounded(freezes.at(-1) ?? Number.NaN)} ms`);
    }
    return { value: rounded(atShare(freezes, P95)), unit: 'ms' };
  },
};

/** Three in a call, of whom the viewer sees the poor one through the relay. */
async function seat(room: Room): Promise<{ readonly relay: Person; readonly viewer: Person }> {
  const [poor, relay, viewer] = await room.seat([POOR, RELAY, VIEWER]);
  if (poor === undefined || relay === undefined || viewer === undefined) throw new Error('somebody is missing');
  await room.join([poor, relay, viewer]);
  const badge = viewer.tab.page.locator(`[data-tile="${TILE}"] .badge`);
  await badge.filter({ hasText: 'via Bob' }).waitFor();
  await viewer.tab.page.waitForTimeout(CALM_MS);
  return { relay, viewer };
}

/** @returns the longest time without a frame of the poor one, in ms */
async function killRelay({ relay, viewer }: { readonly relay: Person; readonly viewer: Person }): Promise<number> {
  const { page } = viewer.tab;
  const killedMs = await page.evaluate(() => performance.timeOrigin + performance.now());
  relay.process.process.child.kill('SIGKILL');
  await page.waitForTimeout(WATCHED_MS);
  const frames = (await seenTiles(page, 1)).frames[TILE] ?? [];
  const before = frames.findLastIndex((seenMs) => seenMs <= killedMs);
  const since = [...frames.slice(Math.max(0, before)), killedMs + WATCHED_MS];
  return Math.max(...since.slice(1).map((seenMs, index) => seenMs - (since[index] ?? seenMs)));
}
