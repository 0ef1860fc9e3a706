/** The line becomes another one: how soon that is followed. */
import test from 'ava';
import { House, quantile } from './house.ts';

const MBIT = 1e6;

function changed(mbit: number, times: number, seed = 7) {
  const house = new House({ bps: mbit * MBIT, bufferMs: 250 }, seed);
  const sender = house.sends({ ways: [{}, {}, {}], demandBps: 200 * MBIT, hasAudio: true });
  house.run(6300);
  house.line.carries(times * mbit * MBIT);
  return { house, sender };
}

for (const mbit of [2, 5, 10, 20]) {
  test(`${mbit} Mbit/s become half: followed in .35 s, and no audio is lost`, (t) => {
    const { house, sender } = changed(mbit, 0.5);
    house.run(3000);
    t.true(house.followedAfter(6300, 0.1) <= 350, `${house.followedAfter(6300, 0.1)}`);
    t.is(sender.audioDropped, 0);
    t.true(house.queueP95(8000) <= 50);
    t.true((sender.state.publishedBps ?? 0) <= 0.5 * mbit * MBIT);
  });

  test(`${mbit} Mbit/s become twice that: followed in 2.5 s`, (t) => {
    const { house } = changed(mbit, 2);
    house.run(4000);
    t.true(house.followedAfter(6300, 0.1) <= 2500, `${house.followedAfter(6300, 0.1)}`);
  });
}

test('what the full queue dropped is not held against the line once more when it is empty', (t) => {
  const least = [1, 2, 3, 4, 5, 6, 7].map((seed) => {
    const { house } = changed(10, 0.2, seed);
    house.run(3600);
    const known = house.looks.filter(({ atMs }) => atMs > 6600).map(({ estimateBps }) => estimateBps);
    return Math.min(...known) / house.line.bps;
  });
  t.true(Math.min(...least) >= 0.7, `${least}`);
});

for (const mbit of [5, 10, 20])
  test(`${mbit} Mbit/s become a fifth: acted on in .6 s`, (t) => {
    const errors = [1, 2, 3, 4, 5, 6, 7].map((seed) => {
      const { house, sender } = changed(mbit, 0.2, seed);
      house.run(600);
      t.true(sender.state.budgetBps <= 0.2 * mbit * MBIT, `seed ${seed}`);
      house.run(3000);
      t.true(house.queueP95(8300) <= 50, `seed ${seed}: ${house.queueP95(8300)}`);
      return Math.abs(house.errorAt(9800));
    });
    t.true(quantile(errors, 0.5) <= 0.03, `${errors}`);
    t.true(Math.max(...errors) <= 0.2, `${errors}`);
  });

test('a line that is away for 3 s is found again in 3 s', (t) => {
  const house = new House({ bps: 10 * MBIT, bufferMs: 250 }, 7);
  const sender = house.sends({ ways: [{}, {}, {}], demandBps: 200 * MBIT });
  house.run(6000);
  for (const receiver of sender.receivers) receiver.isDead = true;
  house.run(3000);
  t.is(sender.state.limitedBy, 'silence');
  t.true(sender.state.budgetBps < MBIT);
  for (const receiver of sender.receivers) receiver.isDead = false;
  house.run(3000);
  t.true(Math.abs(house.errorAt(12_000)) <= 0.1, `${house.errorAt(12_000)}`);
});

test('legs that fall silent one after the other, and come back, are legs again: what they took before is known', (t) => {
  const house = new House({ bps: 5 * MBIT, bufferMs: 250 }, 7);
  const sender = house.sends({ ways: [{}, {}, {}], demandBps: 200 * MBIT, hasAudio: true });
  house.run(6000);
  for (const receiver of sender.receivers) {
    receiver.isDead = true;
    house.run(700);
  }
  house.run(1000);
  for (const receiver of sender.receivers) receiver.isDead = false;
  house.run(4000);
  t.deepEqual(sender.state.caps, []);
  t.true(Math.abs(house.errorAt(house.clock.now())) <= 0.1, `${house.errorAt(house.clock.now())}`);
});

test('a receiver that falls silent costs the others nothing', (t) => {
  const house = new House({ bps: 10 * MBIT, bufferMs: 250 }, 7);
  const sender = house.sends({ ways: [{}, {}, {}], demandBps: 200 * MBIT });
  house.run(6000);
  const [first] = sender.receivers;
  if (first !== undefined) first.isDead = true;
  house.run(5000);
  t.deepEqual(
    sender.state.caps.map(({ leg, why }) => [leg, why]),
    [['0', 'silence']],
  );
  t.true(house.middleError(6000) <= 0.03);
});

test('clocks that are set by seconds, to and fro, change nothing', (t) => {
  const house = new House({ bps: 5 * MBIT, bufferMs: 250 }, 7);
  const sender = house.sends({ ways: [{}, {}, {}], demandBps: 200 * MBIT });
  house.run(4000);
  for (const stepMs of [3000, -5000, 300, -200, 3_600_000]) {
    for (const receiver of sender.receivers) receiver.setsClock(stepMs);
    house.run(4000);
    t.true(Math.abs(house.errorAt(house.clock.now())) <= 0.1, `${stepMs} ${house.errorAt(house.clock.now())}`);
  }
});

test('a fall that leaves too little for any picture is doubted soon: a line that carries them again is found though nothing is sent', (t) => {
  const house = new House({ bps: 2 * MBIT, bufferMs: 250 }, 7);
  const sender = house.sends({ ways: [{}, {}, {}], demandBps: 1.5 * MBIT, capBps: 1.5 * MBIT, leastBps: 1.4 * MBIT });
  house.run(5000);
  house.line.carries(0.5 * MBIT);
  house.run(1000);
  house.line.carries(2 * MBIT);
  t.true(sender.state.budgetBps < MBIT, `${sender.state.budgetBps}`);
  // Some three until it is found, and two for each of the steps that plans are told.
  house.run(7000);
  t.true((sender.state.publishedBps ?? 0) >= 1.4 * MBIT, `${sender.state.publishedBps}`);
});
