/**
 * A page is loaded anew: from that moment until all its tiles show a frame again. Beside it, in turns and in the same browser, a page that
 * does nothing else: what that needs is the browser's.
 */
import { BarePage } from '../calls/bare-page.ts';
import { besideBare } from '../calls/beside.ts';
import { type Person, Room } from '../calls/room.ts';
import { allSeenMs, beginReload, seenTiles } from '../calls/watch.ts';
import type { Effort, PageCase } from '../contract.ts';

const OTHERS = ['Bob', 'Cid'];
/** Between two, in ms: encoders have found their pace, and requests for key frames are not taken for repeats. */
const CALM_MS = 3000;

const GOAL = '<= 300 ms';

export const RELOAD: PageCase = {
  ...{ name: 'reload', goal: GOAL },
  measure: (effort) =>
    measure(effort, async (room) => {
      const people = await room.seat(['Ada', ...OTHERS].map((name) => ({ name })));
      await room.join(people);
      return people;
    }),
};

/** Others take part without a page, so that the one page has the processors. */
export const RELOAD_ONE_PAGE: PageCase = {
  ...{ name: 'reload-one-page', goal: GOAL },
  measure: (effort) =>
    measure(effort, async (room) => {
      await room.fill(OTHERS);
      const people = await room.seat([{ name: 'Ada' }]);
      for (const { name, tab } of people) {
        await tab.join(name);
        await seenTiles(tab.page, OTHERS.length);
      }
      return people;
    }),
};

/** @param meet who has a page, once all see each other: the page of the first is loaded anew */
async function measure(effort: Effort, meet: (room: Room) => Promise<readonly Person[]>) {
  await using room = await Room.open();
  const [ada] = await meet(room);
  if (ada === undefined) throw new Error('nobody is there');
  const { page } = ada.tab;
  await using bare = await BarePage.open(room.browser);
  const ours = async () => {
    await page.waitForTimeout(CALM_MS);
    const begunMs = await beginReload(page);
    await page.waitForFunction((since) => window.watched?.loadedMs >= since - 5, begunMs, { polling: 20 });
    return allSeenMs(await seenTiles(page, OTHERS.length)) - begunMs;
  };
  // Awaited: else the room would be gone before it begins.
  return await besideBare(effort, ours, async () => {
    await page.waitForTimeout(CALM_MS);
    return bare.reload();
  });
}
