/** How far apart the sound and the pictures of one person are in another's page. */
import type { Page } from 'playwright-core';
import { median } from '../../median.ts';
import { beepingMicrophone, hearBeeps, type Shown } from '../calls/beeps.ts';
import { Room } from '../calls/room.ts';
import type { Effort, PageCase } from '../contract.ts';
import { atShare, rounded } from '../figures.ts';

const SEATS = [{ name: 'Ada' }, { name: 'Bob' }];
/** Until the browser has brought them in step: it takes some reports of the sender, one a second. */
const CALM_MS = 10_000;
/** A beep that comes later than the next one was made is not told from that. */
const MOST_MS = 1900;
/** Delays change slowly: a picture so near tells that of the beep, where the very one was not shown. */
const NEAR_MS = 250;

export const LIPS: PageCase = { name: 'lips', goal: 'p95 <= 45 ms', measure };

async function measure({ seconds, say }: Effort) {
  await using room = await Room.open({ readsTimes: true });
  const people = await room.seat(SEATS);
  for (const { tab } of people) await prepare(tab.page);
  await room.join(people);
  const [ada, bob] = people;
  if (ada === undefined || bob === undefined) throw new Error('nobody is there');
  await ada.tab.page.waitForTimeout(CALM_MS);
  await bob.tab.page.evaluate(() => window.listenToSelf());
  await ada.tab.page.evaluate(() => window.listen());
  await ada.tab.page.waitForTimeout(1000 * seconds);
  const { beeps, own } = await bob.tab.page.evaluate(() => ({ beeps: window.beeps, own: window.heard }));
  const { heard, shown } = await ada.tab.page.evaluate(() => ({ heard: window.heard, shown: window.shown }));
  say(`${beeps.length} beeps made, ${heard.length} heard, ${shown.length} pictures read`);
  const late = beeps.flatMap((beepMs) => soundMs(beepMs, own));
  if (late.length === 0) throw new Error(`of ${beeps.length} beeps none was heard where it was made`);
  const lateMs = median(late);
  const apart = beeps.flatMap((beepMs) => apartMs(beepMs, heard, shown)).map((ms) => ms - lateMs);
  if (apart.length === 0) throw new Error(`of ${beeps.length} beeps none was heard and seen`);
  say(
    `where it is made a beep is heard after ${rounded(lateMs)} ms: so late is the browser's making and hearing of it`,
  );
  say(`${apart.length} of ${beeps.length} beeps, sound ${rounded(median(apart))} ms behind its picture at the median`);
  return { value: rounded(atShare(apart.map(Math.abs), 0.95)), unit: 'ms', part: 'p95' };
}

/** What listens is no script of the page's own. */
async function prepare(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setBypassCSP', { enabled: true });
  await page.addInitScript(beepingMicrophone);
  await page.addInitScript(hearBeeps);
  await page.reload();
  await page.locator('.preview video.is-there').waitFor();
}

/** How much later than its picture a beep is heard, in ms; none where one of them is missing. */
function apartMs(beepMs: number, heard: readonly number[], shown: readonly Shown[]): number[] {
  const [delayMs] = soundMs(beepMs, heard);
  const far = ({ saidMs }: Shown) => Math.abs(saidMs - beepMs);
  const picture = shown.reduce<Shown | undefined>(
    (nearest, each) => (nearest === undefined || far(each) < far(nearest) ? each : nearest),
    undefined,
  );
  if (delayMs === undefined || picture === undefined || far(picture) > NEAR_MS) return [];
  return [delayMs - (picture.seenMs - picture.saidMs)];
}

/** How long after it was made a beep is heard, in ms; none where it is not. */
function soundMs(beepMs: number, heard: readonly number[]): number[] {
  const heardMs = heard.find((atMs) => atMs > beepMs && atMs - beepMs < MOST_MS);
  return heardMs === undefined ? [] : [heardMs - beepMs];
}
