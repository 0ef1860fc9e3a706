/** A member that names a stranger's address gets it some checks of all the room together, and never media. */
import test from 'ava';
import type { Candidate, Endpoint } from '../../machines/messages.ts';
import { type Attendee, asMember, hostAt, Meeting, mostInASecond, placeOf, textOf } from './meeting.ts';

const STRANGER: Endpoint = { host: '203.0.113.9', port: 9 };
/** Of all members together. */
const MOST_CHECKS = 20;
const LIAR = 'M051';

interface Lied {
  readonly room: Meeting;
  readonly members: readonly Attendee[];
}

/** A room of so many whose members have come one after the other and found each other, and a liar who was there before them all. */
function roomOf(count: number, liarEpoch = 0): Lied {
  const room = new Meeting();
  const members = Array.from({ length: count - 1 }, (_, index) => {
    return room.comes(`M${String(2 * index).padStart(3, '0')}`, { epoch: index + 1 });
  });
  for (const [index, member] of members.entries()) {
    member.meets(...members.filter((other) => other !== member), asMember(LIAR, liarEpoch));
    for (const [other, { id }] of members.entries())
      if (other !== index) member.isTold(id, 1, hostAt(placeOf(other + 1)));
  }
  return { room: room.run(10_000), members };
}

function neverSendsTo(place: Endpoint, { members }: Lied): boolean {
  return members.every(
    (member) => member.sendTo(LIAR) !== textOf(place) && !member.acceptFrom(LIAR).includes(textOf(place)),
  );
}

function tellAll({ members }: Lied, generation: number, ...candidates: readonly Candidate[]): void {
  for (const member of members) member.isTold(LIAR, generation, ...candidates);
}

for (const count of [8, 30]) {
  test(`in a room of ${count} where all are told at once`, (t) => {
    const lied = roomOf(count, count + 1);
    tellAll(lied, 1, hostAt(STRANGER));
    lied.room.run(60_000);
    const checks = lied.room.checksOf(STRANGER);
    t.true(checks.length >= count - 1);
    t.true(mostInASecond(checks) <= MOST_CHECKS, `${mostInASecond(checks)} in a second`);
    t.true(neverSendsTo(STRANGER, lied));
  });

  test(`in a room of ${count} by the eldest, long after the others have come`, (t) => {
    const lied = roomOf(count);
    tellAll(lied, 1, hostAt(STRANGER));
    lied.room.run(60_000);
    t.true(
      mostInASecond(lied.room.checksOf(STRANGER)) <= MOST_CHECKS,
      `${mostInASecond(lied.room.checksOf(STRANGER))}`,
    );
    t.true(neverSendsTo(STRANGER, lied));
  });

  test(`in a room of ${count}, by a member that names 16 addresses again and again`, (t) => {
    const lied = roomOf(count, count + 1);
    const others = Array.from({ length: 15 }, (_, index) => hostAt({ host: `203.0.113.${100 + index}`, port: 9 }));
    for (let generation = 1; generation <= 400; generation += 1) {
      tellAll(lied, generation, hostAt(STRANGER), ...others);
      lied.room.run(20);
    }
    t.true(
      mostInASecond(lied.room.checksOf(STRANGER)) <= MOST_CHECKS,
      `${mostInASecond(lied.room.checksOf(STRANGER))}`,
    );
    t.true(neverSendsTo(STRANGER, lied));
  });

  test(`in a room of ${count}, by a member that names it, takes it back, and names it again`, (t) => {
    const lied = roomOf(count, count + 1);
    for (let generation = 1; generation <= 300; generation += 1) {
      tellAll(lied, generation, hostAt(generation % 2 === 0 ? placeOf(200) : STRANGER));
      lied.room.run(40);
    }
    t.true(
      mostInASecond(lied.room.checksOf(STRANGER)) <= MOST_CHECKS,
      `${mostInASecond(lied.room.checksOf(STRANGER))}`,
    );
  });

  test(`in a room of ${count}, by a member whose media comes and goes so that it is doubted`, (t) => {
    const lied = roomOf(count, count + 1);
    const liar = lied.room.comes(LIAR, { epoch: count + 1 });
    liar.meets(...lied.members);
    const [place] = liar.places;
    if (place === undefined) throw new Error('everybody is somewhere');
    tellAll(lied, 1, hostAt(place), hostAt(STRANGER));
    lied.room.run(10_000);
    for (let turn = 0; turn < 6; turn += 1) {
      for (let packet = 0; packet < 100; packet += 1) {
        for (const member of lied.members) member.do((pairing, nowMs) => void pairing.heard(LIAR, nowMs));
        lied.room.run(10);
      }
      lied.room.run(500);
    }
    t.true(
      mostInASecond(lied.room.checksOf(STRANGER)) <= MOST_CHECKS,
      `${mostInASecond(lied.room.checksOf(STRANGER))}`,
    );
    t.true(neverSendsTo(STRANGER, lied));
  });
}

test('a host gets no more by its other ports', (t) => {
  const lied = roomOf(8, 9);
  const times: number[] = [];
  for (let generation = 1; generation <= 500; generation += 1) {
    const ports = [2 * generation, 2 * generation + 1];
    tellAll(lied, generation, ...ports.map((port) => hostAt({ ...STRANGER, port })));
    lied.room.run(20);
  }
  for (const { to, atMs } of lied.room.checks) if (to.startsWith(`${STRANGER.host}:`)) times.push(atMs);
  t.true(mostInASecond(times) <= 2 * MOST_CHECKS, `${mostInASecond(times)} in a second`);
});

for (const count of [8, 30]) {
  test(`in a room of ${count} where each names it, because somebody has told each that it is there`, (t) => {
    const lied = roomOf(count, count + 1);
    for (const member of lied.members) {
      for (const other of lied.members) {
        const number = lied.members.indexOf(other) + 1;
        if (other !== member) member.isTold(other.id, 2, hostAt(placeOf(number)), hostAt(STRANGER));
      }
    }
    lied.room.run(10_000);
    const checks = lied.room.checksOf(STRANGER);
    t.true(mostInASecond(checks) <= MOST_CHECKS, `${mostInASecond(checks)} in a second`);
  });
}
