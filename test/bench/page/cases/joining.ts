/**
 * From Join to the first frame of every tile: of all who join at once, and of somebody who comes into a call that runs. Beside it, in turns
 * and in the same browser, a page that does nothing but connect: what that needs is the browser's.
 */
import { BarePage } from '../calls/bare-page.ts';
import { besideBare } from '../calls/beside.ts';
import { allWithPages, type Meeting, onePage, TILES } from '../calls/meetings.ts';
import { type Person, Room } from '../calls/room.ts';
import { allSeenMs, forgetFrames, seenTiles } from '../calls/watch.ts';
import type { Effort, Figure, PageCase } from '../contract.ts';

const LATE_GOAL = '<= 400 ms';

export const FIRST_FRAME: PageCase = {
  name: 'first-frame',
  goal: '< 1000 ms',
  measure: (effort) => measure(effort, allWithPages, (people) => people),
};

export const FIRST_FRAME_LATE: PageCase = {
  ...{ name: 'first-frame-late', goal: LATE_GOAL },
  measure: (effort) => measure(effort, allWithPages, (people) => people.slice(-1)),
};

export const FIRST_FRAME_ONE_PAGE: PageCase = {
  ...{ name: 'first-frame-one-page', goal: LATE_GOAL },
  measure: (effort) => measure(effort, onePage, (people) => people),
};

/** @param joiningOf who leaves and joins again in each run, of those who have a page */
async function measure(
  effort: Effort,
  meeting: Meeting,
  joiningOf: (people: readonly Person[]) => readonly Person[],
): Promise<readonly Figure[]> {
  await using room = await Room.open();
  const people = await meeting(room);
  const joining = joiningOf(people);
  await using bare = await BarePage.open(room.browser);
  const ours = async () => {
    await Promise.all(joining.map((person) => room.leave(person)));
    await Promise.all(people.map(({ tab }) => forgetFrames(tab.page)));
    return joinAll(joining);
  };
  // Awaited: else the room would be gone before it begins.
  return await besideBare(effort, ours, () => bare.connect());
}

/** @returns from the last press of Join until the slowest of them sees all, in ms */
async function joinAll(joining: readonly Person[]): Promise<number> {
  await Promise.all(joining.map(({ name, tab }) => tab.join(name)));
  const seen = await Promise.all(joining.map(({ tab }) => seenTiles(tab.page, TILES)));
  return Math.max(...seen.map(allSeenMs)) - Math.max(...seen.map(({ joinedMs }) => joinedMs));
}
