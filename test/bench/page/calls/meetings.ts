/** How three meet: each with a page, or one with a page and two in terminals, so that the one page has the processors. */
import type { Person, Room } from './room.ts';

const OTHERS = ['Bob', 'Cid'];
/** How many others each of them sees. */
export const TILES = OTHERS.length;

/** Resolves with those who have a page, once all see each other. */
export type Meeting = (room: Room) => Promise<readonly Person[]>;

export const allWithPages: Meeting = (room) => meet(room, ['Ada', ...OTHERS]);

export const onePage: Meeting = async (room) => {
  await room.fill(OTHERS);
  return meet(room, ['Ada']);
};

async function meet(room: Room, names: readonly string[]): Promise<readonly Person[]> {
  const people = await room.seat(names.map((name) => ({ name })));
  await room.join(people);
  return people;
}
