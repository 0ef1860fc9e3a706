/** A figure for the uplink is believed until the line shows that it carries less, and from then on the line is. */
import test from 'ava';
import { House } from './house.ts';
import { Transfer } from './others.ts';
import type { SenderShape } from './sender.ts';

const MBIT = 1e6;

function telling(mbit: number, shape: Partial<SenderShape>) {
  const house = new House({ bps: mbit * MBIT, bufferMs: 250 });
  const sender = house.sends({ ways: [{}, {}, {}], demandBps: 200 * MBIT, hasAudio: true, ...shape });
  return { house, sender };
}

test('what the line carries is told from the first moment, asked for with no padding, and kept in silence', (t) => {
  const { house, sender } = telling(10, { capBps: 4 * MBIT });
  house.run(1);
  const first = sender.state;
  t.deepEqual([first.isToldBelieved, first.budgetBps, first.publishedBps], [true, 4 * MBIT, 4 * MBIT]);
  house.run(10_000);
  t.is(sender.paddingBytes, 0);
  for (const receiver of sender.receivers) receiver.isDead = true;
  house.run(2000);
  t.like(sender.state, { isToldBelieved: true, budgetBps: 4 * MBIT, publishedBps: 4 * MBIT });
  for (const receiver of sender.receivers) receiver.isDead = false;
  house.run(5000);
  t.like(sender.state, { isToldBelieved: true, limitedBy: 'cap' });
});

test('packets leave no faster than the line is told to carry', (t) => {
  const { house, sender } = telling(10, { capBps: 3.8 * MBIT });
  house.run(1000);
  t.true(sender.state.paceBps > 3.8 * MBIT && sender.state.paceBps <= 4 * MBIT, `${sender.state.paceBps}`);
});

for (const times of [1.3, 5, 50])
  test(`${times} times what the line carries is corrected in a second, and never believed again`, (t) => {
    const { house, sender } = telling(2, { capBps: 2 * times * MBIT });
    house.run(1000);
    t.true(sender.state.budgetBps <= 1.05 * 2 * MBIT, `${sender.state.budgetBps}`);
    t.true((sender.state.publishedBps ?? 0) <= 1.05 * 2 * MBIT, `${sender.state.publishedBps}`);
    house.run(4000);
    t.like(sender.state, { isToldBelieved: false, limitedBy: 'line' });
    house.run(30_000);
    t.true(house.between(5000).every(({ publishedBps }) => publishedBps <= 2 * MBIT));
    t.true(house.middleError(5000) <= 0.03, `${house.middleError(5000)}`);
  });

test('who told too much has no claim to half of it once another program fills the line', (t) => {
  const { house } = telling(2, { capBps: 100 * MBIT });
  house.run(4000);
  new Transfer(house.line, house.clock, 40);
  house.run(20_000);
  t.true(
    house.between(4000).every(({ estimateBps }) => estimateBps <= 1.3 * 2 * MBIT),
    `${Math.max(...house.between(4000).map(({ estimateBps }) => estimateBps))}`,
  );
});

test('a line that carries what is told once more is believed once more', (t) => {
  const { house, sender } = telling(2, { capBps: 4 * MBIT });
  house.run(5000);
  house.line.carries(8 * MBIT);
  house.run(8000);
  t.like(sender.state, { isToldBelieved: true, publishedBps: 4 * MBIT, limitedBy: 'cap' });
});

test('another figure is believed anew', (t) => {
  const { house, sender } = telling(4, { capBps: 50 * MBIT });
  house.run(5000);
  t.false(sender.state.isToldBelieved);
  sender.tells(3 * MBIT);
  house.run(100);
  t.like(sender.state, { isToldBelieved: true, publishedBps: 3 * MBIT });
});
