/** The line is shared: with a leg that is narrow, a second peer, a transfer, a program that asks nobody. */
import test from 'ava';
import { House, jain, quantile } from './house.ts';
import { program, Transfer } from './others.ts';
import type { Sender } from './sender.ts';

const MBIT = 1e6;
/** From one to the other, over the bus. */
const TOLD_AFTER_MS = 30;
const ALL = { ways: [{}, {}, {}], demandBps: 200 * MBIT };

test('a narrow leg gets a cap of its own, and the others share the rest', (t) => {
  const errors = [1, 2, 3, 4, 5].map((seed) => {
    const house = new House({ bps: 10 * MBIT, bufferMs: 250 }, seed);
    const sender = house.sends({ ...ALL, ways: [{ narrowBps: 0.5 * MBIT }, {}, {}] });
    house.run(12_000);
    const [cap] = sender.state.caps;
    t.is(cap?.leg, '0');
    t.true((8 * sender.delivered) / 12 > 8 * MBIT);
    return Math.abs((cap?.capBps ?? 0) / (0.475 * MBIT) - 1);
  });
  t.true(quantile(errors, 0.5) <= 0.15, `${errors}`);
  t.true(Math.max(...errors) <= 0.2, `${errors}`);
});

for (const mbit of [1, 5, 10])
  test(`two peers behind one router on ${mbit} Mbit/s have the same after 10 s`, (t) => {
    const indexes = [1, 2, 3, 4, 5].map((seed) => {
      const house = new House({ bps: mbit * MBIT, bufferMs: 250 }, seed);
      const first = house.sends(ALL, 'a');
      house.run(3000);
      const second = house.sends(ALL, 'b');
      house.run(10_000);
      const before = [first.delivered, second.delivered];
      house.run(10_000);
      const rates = [first, second].map(({ delivered }, index) => delivered - (before[index] ?? 0));
      t.true(rates.reduce((sum, rate) => sum + rate, 0) * 0.8 > 0.8 * mbit * MBIT);
      return jain(rates);
    });
    t.true(quantile(indexes, 0.5) >= 0.9, `${indexes}`);
    t.true(Math.min(...indexes) >= 0.8, `${indexes}`);
  });

/** On a slow line a packet more or less is much. */
for (const [mbit, least] of [
  [2, 0.95],
  [5, 0.97],
  [10, 0.97],
] as const)
  test(`two behind one router on ${mbit} Mbit/s that tell each other what they have are alike 10 s after the second came, and stay so`, (t) => {
    const indexes = [1, 2, 3, 4, 5, 6, 7].flatMap((seed) => {
      const house = new House({ bps: mbit * MBIT, bufferMs: 250 }, seed);
      const first = house.sends(ALL, 'a');
      house.run(3000);
      const second = house.sends(ALL, 'b');
      tellEachOther(house, [first, second]);
      house.run(10_000);
      const alike = [2000, 15_000].map((ms) => {
        const [rates, sum] = ratesOver(house, [first, second], ms);
        t.true(sum >= 0.9 * mbit * MBIT && sum <= mbit * MBIT, `${rates}`);
        return jain(rates);
      });
      t.is(first.dropped + second.dropped, 0);
      return alike;
    });
    t.true(quantile(indexes, 0.5) >= least, `${indexes}`);
    t.true(Math.min(...indexes) >= 0.9, `${indexes}`);
  });

for (const [name, lie] of [
  ['nothing', () => ({ bps: 0, isShort: true })],
  ['all there is', () => ({ bps: 1e11, isShort: true })],
  ['a little more each time, and nothing again', (nowMs: number) => ({ bps: (nowMs % 8000) * 400, isShort: true })],
] as const)
  test(`whoever says that it has ${name} takes no more than half of the line from the other, and raises nobody above it`, (t) => {
    const house = new House({ bps: 5 * MBIT, bufferMs: 250 });
    const sender = house.sends(ALL);
    house.run(4000);
    const tell = () => {
      sender.hears([lie(house.clock.now())]);
      house.clock.setTimeout(tell, 250);
    };
    tell();
    house.run(60_000);
    const looks = house.between(4000);
    t.true(looks.every(({ estimateBps }) => estimateBps <= 1.05 * 5 * MBIT && estimateBps >= 0.45 * 5 * MBIT));
    t.is(sender.dropped, 0);
  });

/** As profiles tell: as soon as it is another figure. */
function tellEachOther(house: House, senders: readonly Sender[]): void {
  let before = '';
  const tell = () => {
    const parts = senders.map(({ state }) => ({ bps: state.publishedBps ?? 0, isShort: state.isShort }));
    if (JSON.stringify(parts) !== before)
      house.clock.setTimeout(() => {
        for (const [index, sender] of senders.entries()) sender.hears(parts.filter((_, other) => other !== index));
      }, TOLD_AFTER_MS);
    before = JSON.stringify(parts);
    house.clock.setTimeout(tell, TOLD_AFTER_MS);
  };
  tell();
}

/** What comes of each over the next moments, and of all together, in bit/s. */
function ratesOver(house: House, senders: readonly Sender[], ms: number): [number[], number] {
  const before = senders.map(({ delivered }) => delivered);
  house.run(ms);
  const rates = senders.map(({ delivered }, index) => (8000 * (delivered - (before[index] ?? 0))) / ms);
  return [rates, rates.reduce((sum, rate) => sum + rate, 0)];
}

test('beside a transfer by TCP a third of the line is kept, and it is left a third', (t) => {
  for (const mbit of [2, 10]) {
    const house = new House({ bps: mbit * MBIT, bufferMs: 250 });
    const sender = house.sends(ALL);
    house.run(4000);
    const transfer = new Transfer(house.line, house.clock, 40);
    house.run(10_000);
    const [before, theirsBefore] = [sender.delivered, transfer.delivered];
    house.run(30_000);
    const [ours, theirs] = [sender.delivered - before, transfer.delivered - theirsBefore];
    t.true(3 * ours >= ours + theirs && 3 * theirs >= ours + theirs, `${mbit}: ${ours / (ours + theirs)}`);
  }
});

test('what another program takes is left to it, and taken back when it ends', (t) => {
  const house = new House({ bps: 10 * MBIT, bufferMs: 250 });
  const sender = house.sends(ALL);
  house.run(4000);
  const end = program(house.line, house.clock, 4 * MBIT);
  house.run(6000);
  t.true(house.middleError(7000, 10_000, 6 * MBIT) <= 0.06);
  t.true(house.queueP95(7000) <= 25);
  t.true(sender.dropped === 0);
  end();
  house.run(5000);
  t.true(Math.abs(house.errorAt(15_000)) <= 0.03);
});
