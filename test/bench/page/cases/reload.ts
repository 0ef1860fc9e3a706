/**
 * A page is loaded anew: from that moment until all its tiles show a frame again. Beside it, in turns and in the same browser, a page that
 * does nothing else: what that needs is the browser's.
 */
import { median } from '../../median.ts';
import { BarePage } from '../calls/bare-page.ts';
import { Room, VIEWPORT } from '../calls/room.ts';
import { allSeenMs, seenTiles } from '../calls/watch.ts';
import type { Effort, PageCase } from '../contract.ts';
import { rounded } from '../figures.ts';

const SEATS = [{ name: 'Ada' }, { name: 'Bob' }, { name: 'Cid' }];
/** Between two, in ms: encoders have found their pace, and requests for key frames are not taken for repeats. */
const CALM_MS = 3000;

export const RELOAD: PageCase = { name: 'reload', goal: '<= 300 ms', measure };

async function measure({ runs, say }: Effort) {
  await using room = await Room.open();
  const people = await room.seat(SEATS);
  await room.join(people);
  const [ada] = people;
  if (ada === undefined) throw new Error('nobody is there');
  const { tab } = ada;
  await using bare = await BarePage.open(room.browser, VIEWPORT);
  const times: number[] = [];
  const bareTimes: number[] = [];
  for (let run = 0; run < runs; run++) {
    await tab.page.waitForTimeout(CALM_MS);
    const begunMs = await tab.page.evaluate(() => {
      const now = performance.timeOrigin + performance.now();
      location.reload();
      return now;
    });
    await tab.page.waitForFunction((since) => window.watched?.loadedMs >= since - 5, begunMs, { polling: 20 });
    times.push(allSeenMs(await seenTiles(tab.page, people.length - 1)) - begunMs);
    await tab.page.waitForTimeout(CALM_MS);
    bareTimes.push(await bare.reload());
    say(`${rounded(times.at(-1) ?? Number.NaN)} ms, a bare page ${rounded(bareTimes.at(-1) ?? Number.NaN)} ms`);
  }
  return [
    { value: rounded(median(times)), unit: 'ms' },
    { part: 'bare-page', value: rounded(median(bareTimes)), unit: 'ms' },
  ];
}
