/** What a receiver finds of its own line, and asks for: down at once, up calmly, and moved by nobody's lies. */
import test from 'ava';
import { Downlink } from '../../machines/downlink/downlink.ts';
import { DownlinkHouse, type HouseOptions } from './house.ts';

const MBIT = 1_000_000;
const FIRST = ['A', 'B'];
const LATER = ['C', 'D', 'E'];
const THREE = ['A', 'B', 'C'];

/** Three that send nothing for a second, and then 3 Mbit/s down a line of 2. */
function full(options: Partial<HouseOptions> = {}): DownlinkHouse {
  const house = new DownlinkHouse({ lineBps: 20 * MBIT, members: THREE, wantBps: 3 * MBIT, ...options });
  house.playUntil(1000);
  house.line.carries(2 * MBIT);
  return house;
}

test('a line with room for all is not limited', (t) => {
  const house = new DownlinkHouse({ lineBps: 4 * MBIT, members: THREE, wantBps: 3.6 * MBIT });
  house.playUntil(20_000);
  t.deepEqual(house.state, { capacityBps: undefined, publishedBps: undefined, queueMs: 0, isFull: false });
});

test('one that becomes full is found within half a second, to within 5 %, and is then still', (t) => {
  const house = full();
  house.playUntil(1600);
  t.true(Math.abs((house.state.capacityBps ?? 0) / (2 * MBIT) - 1) < 0.05, `${house.state.capacityBps}`);
  t.true((house.state.publishedBps ?? 0) < 1.7 * MBIT);
  house.playUntil(2000);
  const { dropped } = house;
  t.true(dropped < 40, `of half as much again as it carries it drops for a moment: ${dropped}`);
  house.playUntil(6000);
  t.true((house.state.publishedBps ?? 0) > 1.75 * MBIT, 'when the queue has gone, nearly all of it is used');
  const changes = house.asked.length;
  let mostMs = 0;
  house.playUntil(12_000, ({ queueMs }) => {
    mostMs = Math.max(mostMs, queueMs);
  });
  t.is(house.asked.length, changes);
  t.is(house.dropped, dropped);
  t.true(mostMs < 25, `${mostMs}`);
});

test('after ten seconds it is tried whether it has room again, more seldom each time in vain, and nothing is lost', (t) => {
  const house = full();
  house.playUntil(5000);
  const { dropped } = house;
  house.playUntil(200_000);
  const tried = house.asked.filter(({ bps }) => (bps ?? 0) > 2.1 * MBIT).map(({ atMs }) => atMs);
  const pausesMs = tried.slice(1).map((atMs, index) => atMs - (tried[index] ?? 0));
  t.is(pausesMs.length, 3, `${tried}`);
  t.true(
    pausesMs.every((ms, index) => ms > 20_000 * 2 ** index),
    `${tried}`,
  );
  t.is(house.dropped, dropped);
});

test('it has room again: within ten seconds and a few steps all is asked for, and no limit is left', (t) => {
  const house = full();
  house.playUntil(5000);
  house.line.carries(20 * MBIT);
  house.playUntil(25_000);
  t.is(house.state.publishedBps, undefined);
});

/** A computer that is busy, as when a room is joined on it: late by 40 to 140 ms, another each fifth of a second. */
const busyMs = (nowMs: number) => 40 + ((Math.floor(nowMs / 200) * 37) % 100);

test('what a busy computer reads late is taken for no full line', (t) => {
  const house = new DownlinkHouse({
    ...{ lineBps: 20 * MBIT, members: THREE, wantBps: 3 * MBIT },
    lateMs: (nowMs) => (nowMs > 2000 && nowMs < 5000 ? busyMs(nowMs) : 0),
  });
  house.playUntil(10_000);
  t.deepEqual(house.asked, []);
});

test('a line that is full while the computer is busy is found all the same: its queue is longer than that', (t) => {
  const house = full({ lateMs: busyMs });
  house.playUntil(4000);
  t.true((house.state.publishedBps ?? Number.POSITIVE_INFINITY) < 2 * MBIT);
});

test('it falls again, to a fifth: what it carries then is found as fast', (t) => {
  const house = full();
  house.playUntil(8000);
  house.line.carries(0.4 * MBIT);
  house.playUntil(10_500);
  // Of which reports take a seventh.
  t.true(Math.abs((house.state.capacityBps ?? 0) / (0.342 * MBIT) - 1) < 0.05, `${house.state.capacityBps}`);
});

test('another program fills it: we keep half of what we had', (t) => {
  const house = new DownlinkHouse({ lineBps: 4 * MBIT, members: THREE, wantBps: 2 * MBIT });
  house.playUntil(3000);
  house.foreignBps = 6 * MBIT;
  house.playUntil(20_000);
  const keptBps = house.asked.at(-1)?.bps ?? 0;
  t.true(keptBps > 0.35 * MBIT && keptBps < MBIT, `${keptBps}`);
});

/** In ms: what a member adds to when it says that a report was written. */
const LIES: Readonly<Record<string, (nowMs: number) => number>> = {
  'ever older': (nowMs) => -nowMs / 10,
  'ever newer': (nowMs) => nowMs / 10,
  'suddenly a second old': (nowMs) => (nowMs > 2000 ? -900 : 0),
  'at random': (nowMs) => (nowMs * 7919) % 1000,
  'never the same clock': (nowMs) => (nowMs % 100 === 0 ? 1e9 : -1e9),
  'no time at all': () => Number.NaN,
};

for (const [lie, of] of Object.entries(LIES)) {
  const lies = (member: string, nowMs: number) => (member === 'A' ? of(nowMs) : 0);
  test(`a member says that its reports are ${lie}: a line with room is not limited by that`, (t) => {
    const house = new DownlinkHouse({ lineBps: 4 * MBIT, members: THREE, wantBps: 3 * MBIT, lies });
    house.playUntil(15_000);
    t.is(house.state.publishedBps, undefined);
  });

  test(`a member says that its reports are ${lie}: a full line is found all the same`, (t) => {
    const house = full({ lies });
    house.playUntil(2500);
    t.true(Math.abs((house.state.capacityBps ?? 0) / (2 * MBIT) - 1) < 0.05, `${house.state.capacityBps}`);
  });
}

test('with one member alone nothing is said: its own uplink may be what is full', (t) => {
  const house = full({ members: ['A'] });
  house.playUntil(10_000);
  t.is(house.state.publishedBps, undefined);
});

test('all ways become longer, as in another network: what is asked for comes back', (t) => {
  const moved = (_: string, nowMs: number) => (nowMs > 3000 ? -60 : 0);
  const house = new DownlinkHouse({ lineBps: 20 * MBIT, members: THREE, wantBps: 3 * MBIT, lies: moved });
  house.playUntil(80_000);
  t.is(house.state.publishedBps, undefined);
});

test('the uplinks of the two who were here first are full while others come: that is no full line of ours', (t) => {
  const downlink = new Downlink({ wantBps: 3 * MBIT, audioBps: 0 });
  const arrivesAfterMs = (isFirst: boolean, nowMs: number) => (isFirst && nowMs >= 2000 ? 60 : 20);
  for (let nowMs = 0; nowMs < 6000; nowMs += 50) {
    const here = nowMs < 2200 ? FIRST : [...FIRST, ...LATER];
    for (const from of here) {
      const writtenAtMs = nowMs - arrivesAfterMs(FIRST.includes(from), nowMs);
      downlink.written({ from, writtenAtMs, atMs: nowMs });
      downlink.came([{ from, bytes: 1228, atMs: nowMs }]);
    }
    if (nowMs % 100 === 0) t.is(downlink.wake(nowMs).publishedBps, undefined, `${nowMs} ms`);
  }
});
