/**
 * From Join to the first frame of every tile: of all who join at once, and of somebody who comes into a call that runs. Beside it, in turns
 * and in the same browser, a page that does nothing but connect: what that needs is the browser's.
 */
import { BarePage } from '../calls/bare-page.ts';
import { besideBare } from '../calls/beside.ts';
import { type Person, Room } from '../calls/room.ts';
import { allSeenMs, forgetFrames, seenTiles } from '../calls/watch.ts';
import type { Effort, PageCase } from '../contract.ts';

const SEATS = [{ name: 'Ada' }, { name: 'Bob' }, { name: 'Cid' }];

export const FIRST_FRAME: PageCase = {
  name: 'first-frame',
  goal: '< 1000 ms',
  measure: (effort) => measure(effort, (people) => people),
};

export const FIRST_FRAME_LATE: PageCase = {
  name: 'first-frame-late',
  goal: '<= 400 ms',
  measure: (effort) => measure(effort, (people) => people.slice(-1)),
};

/** Others take part without a page, so that the one page has the processors. */
export const FIRST_FRAME_ONE_PAGE: PageCase = {
  name: 'first-frame-one-page',
  goal: '<= 400 ms',
  measure: measureOnePage,
};

const OTHERS = ['Bob', 'Cid'];

async function measureOnePage(effort: Effort) {
  await using room = await Room.open();
  await room.fill(OTHERS);
  const [ada] = await room.seat([{ name: 'Ada' }]);
  if (ada === undefined) throw new Error('nobody is there');
  await joinAll([ada], OTHERS.length);
  await using bare = await BarePage.open(room.browser);
  const ours = async () => {
    await room.leave(ada);
    await forgetFrames(ada.tab.page);
    return joinAll([ada], OTHERS.length);
  };
  // Awaited: else the room would be gone before it begins.
  return await besideBare(effort, ours, () => bare.connect());
}

/** @param joiningOf who leaves and joins again in each run, of the three in the room */
async function measure(effort: Effort, joiningOf: (people: readonly Person[]) => readonly Person[]) {
  await using room = await Room.open();
  const people = await room.seat(SEATS);
  await room.join(people);
  const joining = joiningOf(people);
  await using bare = await BarePage.open(room.browser);
  const ours = async () => {
    await Promise.all(joining.map((person) => room.leave(person)));
    await Promise.all(people.map(({ tab }) => forgetFrames(tab.page)));
    return joinAll(joining, people.length - 1);
  };
  // Awaited: else the room would be gone before it begins.
  return await besideBare(effort, ours, () => bare.connect());
}

/** @returns from the last press of Join until the slowest of them sees all, in ms */
async function joinAll(joining: readonly Person[], tiles: number): Promise<number> {
  await Promise.all(joining.map(({ name, tab }) => tab.join(name)));
  const seen = await Promise.all(joining.map(({ tab }) => seenTiles(tab.page, tiles)));
  return Math.max(...seen.map(allSeenMs)) - Math.max(...seen.map(({ joinedMs }) => joinedMs));
}
