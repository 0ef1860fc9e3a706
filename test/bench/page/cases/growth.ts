/** A long call: how much larger a page and its peer are at its end. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { median } from '../../median.ts';
import { type Person, Room } from '../calls/room.ts';
import type { PageCase } from '../contract.ts';
import { rounded } from '../figures.ts';

const execute = promisify(execFile);

const SEATS = [{ name: 'Ada' }, { name: 'Bob' }, { name: 'Cid' }];
/** Looks at the sizes; the first fifth is a start, of the rest the first and the last quarter are compared. */
const LOOKS = 50;
const START = LOOKS / 5;
const QUARTER = (LOOKS - START) / 4;
const MB = 1e6;

interface Size {
  readonly pageBytes: number;
  readonly peerBytes: number;
}

export const GROWTH: PageCase = {
  name: 'growth',
  goal: 'none',
  async measure({ minutes, say }) {
    await using room = await Room.open();
    const people = await room.seat(SEATS);
    await room.join(people);
    const [ada] = people;
    if (ada === undefined) throw new Error('nobody is there');
    const sizes: Size[] = [];
    for (let look = 0; look < LOOKS; look++) {
      await ada.tab.page.waitForTimeout((60_000 * minutes) / LOOKS);
      sizes.push(await sizeOf(ada));
    }
    const page = grown(sizes.map(({ pageBytes }) => pageBytes));
    const peer = grown(sizes.map(({ peerBytes }) => peerBytes));
    say(`page ${textOf(page)}, peer ${textOf(peer)}`);
    return [
      { value: rounded((page.to - page.from) / MB, 2), unit: 'MB', part: 'page' },
      { value: rounded((peer.to - peer.from) / MB, 2), unit: 'MB', part: 'peer' },
    ];
  },
};

/** What of the page's script is alive, and what the peer's process holds of the machine. */
async function sizeOf({ tab: { page }, process }: Person): Promise<Size> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const { stdout } = await execute('ps', ['-o', 'rss=', '-p', String(process.process.child.pid)]);
  return { pageBytes: usedSize, peerBytes: 1024 * Number(stdout) };
}

function grown(sizes: readonly number[]): { readonly from: number; readonly to: number } {
  const settled = sizes.slice(START);
  return { from: median(settled.slice(0, QUARTER)), to: median(settled.slice(-QUARTER)) };
}

function textOf({ from, to }: { readonly from: number; readonly to: number }): string {
  return `${(from / MB).toFixed(1)} MB to ${(to / MB).toFixed(1)} MB`;
}
