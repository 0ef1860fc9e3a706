/** The line is shared: with a leg that is narrow, a second peer, a transfer, a program that asks nobody. */
import test from 'ava';
import { House, jain } from './house.ts';
import { program, Transfer } from './others.ts';

const MBIT = 1e6;
const ALL = { ways: [{}, {}, {}], demandBps: 200 * MBIT };

test('a narrow leg gets a cap of its own, and the others share the rest', (t) => {
  const house = new House({ bps: 10 * MBIT, bufferMs: 250 });
  const sender = house.sends({ ...ALL, ways: [{ narrowBps: 0.5 * MBIT }, {}, {}] });
  house.run(12_000);
  const [cap] = sender.state.caps;
  t.is(cap?.leg, '0');
  t.true(Math.abs((cap?.capBps ?? 0) - 0.475 * MBIT) <= 0.15 * 0.475 * MBIT, `${cap?.capBps}`);
  t.true((8 * sender.delivered) / 12 > 8 * MBIT);
});

test('two peers behind one router have the same after 10 s', (t) => {
  for (const mbit of [1, 5, 10]) {
    const house = new House({ bps: mbit * MBIT, bufferMs: 250 });
    const first = house.sends(ALL, 'a');
    house.run(3000);
    const second = house.sends(ALL, 'b');
    house.run(10_000);
    const before = [first.delivered, second.delivered];
    house.run(10_000);
    const rates = [first, second].map(({ delivered }, index) => delivered - (before[index] ?? 0));
    t.true(jain(rates) >= 0.9, `${mbit}: ${jain(rates)}`);
    t.true(rates.reduce((sum, rate) => sum + rate, 0) * 0.8 > 0.8 * mbit * MBIT);
  }
});

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
