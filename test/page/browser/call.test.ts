/** The page of a call in Chromium: what two people see and hear of each other, and what becomes of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { spawnTethered } from '../../../infra/process/tethered.ts';
import { inChromium, until } from './call-test.ts';
import { Calls } from './calls.ts';
import { decodedBy, freePort, Player } from './programs.ts';
import { openTab, type Tab } from './tab.ts';

/** Pictures that a tab decodes within so many ms. */
async function framesIn(tab: Tab, ms: number): Promise<number> {
  const count = async () => (await tab.received()).reduce((sum, { framesDecoded }) => sum + framesDecoded, 0);
  const before = await count();
  await delay(ms);
  return (await count()) - before;
}

inChromium('two pages see and hear each other, and the plan sets the encoders', async (t) => {
  const calls = await Calls.open(t);
  const [ada, bob] = await calls.join('Ada', 'Bob');
  if (ada === undefined || bob === undefined) return t.fail();
  for (const { tab } of [ada, bob]) {
    await tab.hears('video', 1);
    await tab.hears('audio', 1);
  }
  t.true((await framesIn(ada.tab, 3000)) > 20);
  const large = (await bob.tab.sent()).find(({ rid }) => rid === 'l');
  // Of 1.5 Mbit/s, which is what a camera takes at most, what RTP headers leave.
  await until(async () => ((await bob.tab.sent()).find(({ rid }) => rid === 'l')?.targetBps ?? 0) > 1_000_000);
  t.true((large?.frames ?? 0) > 0);
  const small = (await bob.tab.sent()).find(({ rid }) => rid === 's');
  const before = small?.frames ?? 0;
  await delay(1000);
  // Nobody receives the low layer: it is not encoded.
  t.is((await bob.tab.sent()).find(({ rid }) => rid === 's')?.frames ?? 0, before);
});

inChromium('a page that is loaded anew has its tiles back, in the same call', async (t) => {
  const calls = await Calls.open(t);
  const [ada, bob] = await calls.join('Ada', 'Bob');
  if (ada === undefined || bob === undefined) return t.fail();
  await Promise.all([ada.tab.hears('video', 1), bob.tab.hears('video', 1)]);
  const left = () => bob.lines.filter((line) => line.includes('"member.left"')).length;
  const beganMs = performance.now();
  await ada.tab.page.reload();
  await ada.tab.hears('video', 1);
  t.log(`tiles back ${Math.round(performance.now() - beganMs)} ms after the reload began`);
  await until(async () => (await framesIn(bob.tab, 500)) > 3);
  t.is(left(), 0);
});

inChromium('a second tab is asked, and takes over', async (t) => {
  const calls = await Calls.open(t);
  const [ada, bob] = await calls.join('Ada', 'Bob');
  if (ada === undefined || bob === undefined) return t.fail();
  await ada.tab.hears('video', 1);
  const second = await openTab(calls.browser, ada.url, { context: ada.tab.context });
  await second.page.getByRole('button', { name: /take over|here/i }).click();
  await second.hears('video', 1);
  await until(async () => (await framesIn(bob.tab, 500)) > 3);
  t.deepEqual(await ada.tab.received(), []);
});

inChromium('who leaves is in the lobby, and the other is told', async (t) => {
  const calls = await Calls.open(t);
  const [ada, bob] = await calls.join('Ada', 'Bob');
  if (ada === undefined || bob === undefined) return t.fail();
  await bob.tab.hears('video', 1);
  await ada.tab.page.getByRole('button', { name: /^leave/i }).click();
  await ada.tab.page.waitForSelector('input[name=name]');
  await until(() => bob.lines.some((line) => line.includes('"member.left"') && line.includes('"bye"')));
  await ada.tab.join('Ada');
  await ada.tab.hears('video', 1);
  t.pass();
});

inChromium('a program that streams to a peer in the terminal is seen in the page', async (t) => {
  const calls = await Calls.open(t);
  const port = await freePort();
  const peer = await calls.peer('cam', '--source', `rtp:${port},codec=VP8/90000,bitrate=500k`);
  const ffmpeg = spawnTethered('ffmpeg', [
    ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=15'],
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '400k', '-g', '30', '-f', 'rtp', `rtp://127.0.0.1:${port}`],
  ]);
  t.teardown(() => ffmpeg.stop());
  const [ada] = await calls.join('Ada');
  if (ada === undefined) return t.fail();
  const [slot] = await ada.tab.hears('video', 1);
  t.is(slot?.width, 320);
  t.true((await framesIn(ada.tab, 2000)) > 10);
  t.true(peer.lines.length > 0);
});

inChromium("a page's camera is played by a program that opens the SDP file of a peer in the terminal", async (t) => {
  const calls = await Calls.open(t);
  const player = await Player.joins(calls);
  const [ada] = await calls.join('Ada');
  if (ada === undefined) return t.fail();
  const decoded = await decodedBy(await player.fileOf('Ada', 'VP8'));
  t.regex(decoded, /frame=20\n/);
});
