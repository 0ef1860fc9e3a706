/**
 * A page is loaded anew: from that moment until all its tiles show a frame again. Beside it, in turns and in the same browser, a page that
 * does nothing else: what that needs is the browser's.
 */
import { BarePage } from '../calls/bare-page.ts';
import { besideBare } from '../calls/beside.ts';
import { allWithPages, type Meeting, onePage, TILES } from '../calls/meetings.ts';
import { Room } from '../calls/room.ts';
import { allSeenMs, beginReload, seenTiles } from '../calls/watch.ts';
import type { Effort, Figure, PageCase } from '../contract.ts';

/** Between two, in ms: encoders have found their pace, and requests for key frames are not taken for repeats. */
const CALM_MS = 3000;

const GOAL = '<= 300 ms';

export const RELOAD: PageCase = {
  ...{ name: 'reload', goal: GOAL },
  measure: (effort) => measure(effort, allWithPages),
};

export const RELOAD_ONE_PAGE: PageCase = {
  ...{ name: 'reload-one-page', goal: GOAL },
  measure: (effort) => measure(effort, onePage),
};

/** The page of the first is loaded anew. */
async function measure(effort: Effort, meeting: Meeting): Promise<readonly Figure[]> {
  await using room = await Room.open();
  const [ada] = await meeting(room);
  if (ada === undefined) throw new Error('nobody is there');
  const { page } = ada.tab;
  await using bare = await BarePage.open(room.browser);
  const ours = async () => {
    await page.waitForTimeout(CALM_MS);
    const begunMs = await beginReload(page);
    await page.waitForFunction((since) => window.watched?.loadedMs >= since - 5, begunMs, { polling: 20 });
    return allSeenMs(await seenTiles(page, TILES)) - begunMs;
  };
  // Awaited: else the room would be gone before it begins.
  return await besideBare(effort, ours, async () => {
    await page.waitForTimeout(CALM_MS);
    return bare.reload();
  });
}
