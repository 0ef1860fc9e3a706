/** A long call: how much larger a page, its peer and the processes of all pages are at its end. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { median } from '../../median.ts';
import { type Person, Room } from '../calls/room.ts';
import { forgetFrames } from '../calls/watch.ts';
import type { PageCase } from '../contract.ts';
import { rounded } from '../figures.ts';

const execute = promisify(execFile);

const SEATS = [{ name: 'Ada' }, { name: 'Bob' }];
/** Looks at the sizes; the first fifth is a start, of the rest the first and the last quarter are compared. */
const LOOKS = 50;
const START = LOOKS / 5;
const QUARTER = (LOOKS - START) / 4;
const MB = 1e6;
/** Pictures a second: what grows does so with calls and time, and a slow machine still has time for an hour of these. */
const RATE = 10;

interface Size {
  readonly pageBytes: number;
  readonly peerBytes: number;
  /** Of the largest page's process: beside the script, pictures and sound on their way. */
  readonly renderBytes: number;
}

export const GROWTH: PageCase = {
  name: 'growth',
  goal: 'none',
  async measure({ minutes, say }) {
    await using room = await Room.open({ rate: RATE });
    const people = await room.seat(SEATS);
    await room.join(people);
    const [ada] = people;
    if (ada === undefined) throw new Error('nobody is there');
    const sizes: Size[] = [];
    for (let look = 0; look < LOOKS; look++) {
      await ada.tab.page.waitForTimeout((60_000 * minutes) / LOOKS);
      // What the measurement itself gathers is not the page's.
      await Promise.all(people.map(({ tab }) => forgetFrames(tab.page)));
      sizes.push(await sizeOf(ada, room.browser));
    }
    const page = grown(sizes.map(({ pageBytes }) => pageBytes));
    const peer = grown(sizes.map(({ peerBytes }) => peerBytes));
    const render = grown(sizes.map(({ renderBytes }) => renderBytes));
    say(`script ${textOf(page)}, peer ${textOf(peer)}, process of a page ${textOf(render)}`);
    return [
      { value: rounded((page.to - page.from) / MB, 2), unit: 'MB', part: 'page' },
      { value: rounded((peer.to - peer.from) / MB, 2), unit: 'MB', part: 'peer' },
      { value: rounded((render.to - render.from) / MB, 2), unit: 'MB', part: 'process' },
    ];
  },
};

/** What of the page's script is alive, and what processes hold of the machine. */
async function sizeOf({ tab: { page }, process }: Person, browser: Browser): Promise<Size> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const pages = await pageProcesses(browser);
  return {
    pageBytes: usedSize,
    peerBytes: Math.max(...(await residentBytes([process.process.child.pid ?? 0]))),
    renderBytes: Math.max(...(await residentBytes(pages))),
  };
}

async function pageProcesses(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

/** What a process holds of the machine's memory. */
async function residentBytes(processes: readonly number[]): Promise<number[]> {
  const { stdout } = await execute('ps', ['-o', 'rss=', '-p', processes.join(',')]);
  return stdout
    .trim()
    .split('\n')
    .map((kilobytes) => 1024 * Number(kilobytes));
}

function grown(sizes: readonly number[]): { readonly from: number; readonly to: number } {
  const settled = sizes.slice(START);
  return { from: median(settled.slice(0, QUARTER)), to: median(settled.slice(-QUARTER)) };
}

function textOf({ from, to }: { readonly from: number; readonly to: number }): string {
  return `${(from / MB).toFixed(1)} MB to ${(to / MB).toFixed(1)} MB`;
}
