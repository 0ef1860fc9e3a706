/** How soon and how exactly the uplink is found, and what finding it costs. */
import test from 'ava';
import { House, quantile } from './house.ts';
import type { SenderShape } from './sender.ts';

const THREE = [{}, {}, {}];
const MBIT = 1e6;
const BUFFER_MS = 250;
const WANTS_ALL = 200 * MBIT;

function sending(mbit: number, shape: Partial<SenderShape> = {}, seed = 1) {
  const house = new House({ bps: mbit * MBIT, bufferMs: BUFFER_MS }, seed);
  const sender = house.sends({ ways: THREE, demandBps: WANTS_ALL, hasAudio: true, ...shape });
  return { house, sender };
}

for (const mbit of [1, 2, 5, 10, 20, 50]) {
  test(`${mbit} Mbit/s: a first figure after .5 s, within 15, 5 and 3 % after 2, 5 and 10 s, with a short queue and no loss`, (t) => {
    const { house, sender } = sending(mbit);
    house.run(12_000);
    t.true((house.looks.find(({ estimateBps }) => estimateBps > 0)?.atMs ?? Number.POSITIVE_INFINITY) <= 500);
    t.true(Math.abs(house.errorAt(2000)) <= 0.15);
    t.true(Math.abs(house.errorAt(5000)) <= 0.05);
    t.true(Math.abs(house.errorAt(10_000)) <= 0.03);
    t.true(house.queueP95(3000) <= (mbit === 1 ? 50 : 25));
    t.is(sender.dropped, 0);
    t.true((8 * sender.sentBytes) / 12 > 0.85 * mbit * MBIT);
  });
}

const LOSSY = { loss: 0.05 };
const JITTER = { jitterMs: 15 };
const DEAF = { feedbackLoss: 0.2 };
for (const [name, ways] of [
  ['5 % loss on one leg', [LOSSY, {}, {}]],
  ['5 % loss on all legs', [LOSSY, LOSSY, LOSSY]],
  ['a leg whose last hop carries .5 Mbit/s', [{ narrowBps: 0.5 * MBIT }, {}, {}]],
  ['15 ms of jitter', [JITTER, JITTER, JITTER]],
  ['clocks that go wrong by 100 ppm', [{ skewPpm: 100 }, { skewPpm: -100 }, { skewPpm: 60 }]],
  ['a fifth of the feedback lost', [DEAF, DEAF, DEAF]],
  ['a leg that is 120 ms away', [{ delayMs: 120 }, {}, {}]],
] as const)
  for (const mbit of [2, 10])
    test(`${mbit} Mbit/s with ${name}: within 3 % in the middle after 5 s`, (t) => {
      const { house, sender } = sending(mbit, { ways });
      house.run(15_000);
      // To a tenth of a percent.
      const percent = Math.round(1000 * house.middleError(5000)) / 10;
      t.true(percent <= 3, `${percent}`);
      t.is(sender.dropped, 0);
    });

/** Delays that change 50 times a second: of each way on its own, or of all alike, as a radio link before them all has them. */
const CHANGING = { ...JITTER, jittersEveryMs: 20 };
const SEEDS = Array.from({ length: 33 }, (_, index) => index + 1);
for (const isAlike of [false, true])
  for (const [legs, mbit, most] of [
    [2, 5, 0.03],
    [2, 20, 0.05],
    [3, 5, 0.03],
    [3, 20, 0.05],
  ] as const)
    test(`${mbit} Mbit/s, ${legs} legs, delays that change ${isAlike ? 'alike' : 'apart'} by up to 15 ms: no luck ends the search`, (t) => {
      const errors = SEEDS.map((seed) => {
        const air = { lateMs: 0, untilMs: 0 };
        const ways = Array.from({ length: legs }, () => (isAlike ? { ...CHANGING, air } : CHANGING));
        const { house } = sending(mbit, { ways }, seed);
        house.run(10_000);
        return house.middleError(5000);
      }).sort((a, b) => a - b);
      t.true(quantile(errors, 0.5) <= most, `${errors}`);
      t.true(errors.filter((error) => error > 0.1).length <= 3, `${errors}`);
    });

test('a line that is plainly full is not asked again for the odd times at which packets come', (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const { house, sender } = sending(10, { ways: [JITTER, JITTER, JITTER] }, seed);
    house.run(10_000);
    t.is(sender.dropped, 0, `seed ${seed}`);
    t.true(house.queueP95(3000) <= 40, `seed ${seed}: ${house.queueP95(3000)}`);
  }
});

test('sources that ignore the budget for a minute do not make it run away', (t) => {
  for (const mbit of [2, 10]) {
    const { house } = sending(mbit, { ignoresBudget: true, demandBps: 1.3 * mbit * MBIT });
    house.run(60_000);
    t.true(house.middleError(3000) <= 0.05);
    t.true(Math.abs(house.errorAt(60_000)) <= 0.05);
  }
});

test('a bucket that lets 8 kB pass undelayed is not taken for a faster line', (t) => {
  const house = new House({ bps: 10 * MBIT, bufferMs: BUFFER_MS, bucketBytes: 8000 });
  house.sends({ ways: THREE, demandBps: WANTS_ALL });
  house.run(12_000);
  t.true(house.middleError(4000) <= 0.03);
});

test('only what the plan could use is searched for', (t) => {
  const { house, sender } = sending(50, { demandBps: 3 * MBIT });
  house.run(5000);
  const { capacityBps = 0, limitedBy } = sender.state;
  t.is(limitedBy, 'plan');
  t.true(capacityBps >= (3 * MBIT) / 0.95 && capacityBps < 5 * MBIT);
  const paddedBytes = sender.paddingBytes;
  house.run(30_000);
  t.is(sender.paddingBytes, paddedBytes);
  sender.wants(20 * MBIT);
  house.run(3000);
  t.true(sender.state.budgetBps >= 0.95 * 20 * MBIT);
});

test('a figure is the cap, and where the search begins', (t) => {
  const { house, sender } = sending(10, { capBps: 4 * MBIT });
  house.run(400);
  t.true((sender.state.capacityBps ?? 0) > MBIT);
  house.run(5000);
  t.is(sender.state.budgetBps, 4 * MBIT);
  t.is(sender.state.publishedBps, 4 * MBIT);
  t.is(sender.state.limitedBy, 'cap');
  const above = sending(2, { capBps: 100 * MBIT });
  above.house.run(5000);
  t.true(Math.abs(above.house.errorAt(5000)) <= 0.05);
  t.is(above.sender.state.limitedBy, 'line');
});

test('at rest nothing is published for a minute', (t) => {
  const { house, sender } = sending(5);
  house.run(5000);
  const published = sender.state.publishedBps;
  house.run(60_000);
  t.true(house.between(5000).every(({ publishedBps }) => publishedBps === published));
});

test('a second peer whose first probe met the full line is not left with what that showed', (t) => {
  const house = new House({ bps: 10 * MBIT, bufferMs: BUFFER_MS }, 2);
  house.sends({ ways: THREE, demandBps: WANTS_ALL }, 'a');
  house.run(3000);
  const second = house.sends({ ways: THREE, demandBps: WANTS_ALL }, 'b');
  house.run(10_000);
  t.true((second.state.capacityBps ?? 0) > MBIT, `${second.state.capacityBps}`);
});
