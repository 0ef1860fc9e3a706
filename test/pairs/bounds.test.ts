/** Whatever a member names, and from wherever it asks: what is kept of it, and what is sent because of it, is bounded. */
import test from 'ava';
import { DELAYS } from '../../machines/timers.ts';
import { asMember, hostAt, Meeting, mostInASecond, placeOf, two, twoOpen } from './meeting.ts';

/** What a member may name at once, and the addresses that it was seen at and has not named. */
const MOST_NAMED = 16;
const MOST_SEEN = 8;

const somewhere = (number: number) => ({ host: `203.0.113.${number % 250}`, port: 1 + number });

test('of a member that asks from everywhere the latest 8 addresses are known, and the way in use', (t) => {
  const { meeting, b } = twoOpen();
  for (let number = 0; number < 1000; number += 1)
    b.do((pairing, nowMs) => pairing.asked('A', somewhere(number), nowMs));
  t.is(b.acceptFrom('A').length, 1 + MOST_SEEN);
  t.true(b.acceptFrom('A').includes(`${somewhere(999).host}:${somewhere(999).port}`));
  const before = meeting.checks.length;
  meeting.run(0);
  t.true(meeting.checks.length - before <= 1 + MOST_SEEN);
  meeting.run(1000);
  t.is(b.sendTo('A'), `${placeOf(1).host}:${placeOf(1).port}`);
  t.is(b.stateOf('A'), 'open');
});

test('of a member that names addresses without end only the last ones are tried, and those it has proved', (t) => {
  const { meeting, b } = two();
  for (let generation = 1; generation <= 1000; generation += 1) {
    const named = Array.from({ length: MOST_NAMED }, (_, index) => hostAt(somewhere(generation * MOST_NAMED + index)));
    b.isTold('A', generation, ...named);
  }
  meeting.run(0);
  t.is(meeting.checks.length, MOST_NAMED);
});

test('a flood of addresses gets a member no more than 16 checks in 150 ms, twice', (t) => {
  const { meeting, b } = two();
  for (let generation = 1; generation <= 1000; generation += 1) {
    const named = Array.from({ length: MOST_NAMED }, (_, index) => hostAt(somewhere(generation * MOST_NAMED + index)));
    b.isTold('A', generation, ...named);
    meeting.run(5);
  }
  t.true(mostInASecond(meeting.checks.map(({ atMs }) => atMs)) <= Math.ceil(1000 / 150) * 2 * MOST_NAMED);
});

test('a flood of the same word is one word', (t) => {
  const { meeting, b } = two();
  for (let time = 0; time < 1000; time += 1) b.isTold('A', 1, hostAt(placeOf(9)));
  meeting.run(DELAYS.checkPace / 2);
  t.is(meeting.checks.length, 1);
});

test('a flood of checks from one address is answered with one check of ours', (t) => {
  const { meeting, b } = two();
  for (let time = 0; time < 1000; time += 1) b.do((pairing, nowMs) => pairing.asked('A', placeOf(9), nowMs));
  meeting.run(DELAYS.checkPace / 2);
  t.is(meeting.checks.filter(({ by }) => by === 'B').length, 1);
});

test('checks on their way are few: the oldest is forgotten, and its answer is none', (t) => {
  const a = new Meeting().comes('A', { epoch: 2 });
  const members = Array.from({ length: 50 }, (_, index) => asMember(`M${index}`));
  a.meets(...members);
  const sent: string[] = [];
  for (let round = 0; round < 200; round += 1) {
    for (const { peer } of members) a.pairing.asked(peer, somewhere(round), round);
    sent.push(...a.pairing.due(round).checks.map(({ transaction }) => transaction));
  }
  t.true(sent.length > 5000);
  t.is(a.pairing.askedOf(sent[0] ?? ''), undefined);
  t.is(sent.filter((transaction) => a.pairing.askedOf(transaction) !== undefined).length, 4096);
});

test('what a member that is gone was asked is no answer any more', (t) => {
  const { a } = two();
  a.isTold('B', 1, hostAt(placeOf(9)));
  const [check] = a.pairing.due(0).checks;
  a.meets();
  t.deepEqual(a.pairing.answered(check?.transaction ?? '', placeOf(9), 10), []);
});

test('a wake-up that is due is over when it has been answered, at whatever fraction of a millisecond', (t) => {
  for (let start = 0; start < 200; start += 0.37) {
    const meeting = new Meeting();
    const b = meeting.comes('B', { epoch: 2 }).meets(asMember('A'));
    for (let packet = 0; packet < 10; packet += 1) b.pairing.heard('A', start + 20 * packet);
    let nowMs = start + 200;
    for (let wake = 0; wake < 10 && Number.isFinite(b.pairing.wakeMs); wake += 1) {
      nowMs = Math.max(nowMs, b.pairing.wakeMs);
      b.pairing.due(nowMs);
      t.true(b.pairing.wakeMs > nowMs, `${b.pairing.wakeMs} after ${nowMs}`);
    }
  }
});
