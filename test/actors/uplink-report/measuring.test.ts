/** How far a measurement is: waiting, reaching, measuring, done, or why it cannot be. */
import test from 'ava';
import { Measuring, type Seen } from '../../../actors/uplink-report/measuring.ts';

const at = (lineBps: number | undefined, limitedBy: Seen['state']['limitedBy'] = 'line'): Seen => ({
  ...{ members: ['S'], agreed: ['S'] },
  state: { capacityBps: lineBps, limitedBy },
});
const NOBODY: Seen = { members: [], agreed: [], state: { capacityBps: undefined, limitedBy: 'unmeasured' } };

test('a figure that stays is the line, some seconds after the first one', (t) => {
  const measuring = new Measuring();
  t.is(measuring.observe(NOBODY, 0).is, 'waiting');
  t.is(measuring.observe(at(undefined, 'unmeasured'), 1000).is, 'reaching');
  t.like(measuring.observe(at(1e6), 2000), { is: 'measuring', lineBps: 1e6 });
  t.is(measuring.observe(at(5e6), 5000).is, 'measuring');
  t.is(measuring.observe(at(5.1e6), 6900).is, 'measuring');
  t.deepEqual(measuring.observe(at(5.1e6), 7000), {
    is: 'done',
    reading: { lineBps: 5.1e6, limitedBy: 'line', agreed: ['S'], tookMs: 6000 },
  });
});

test('a line that is never still is told as it is in the end', (t) => {
  const measuring = new Measuring();
  let lineBps = 1e6;
  for (let nowMs = 0; nowMs < 15_000; nowMs += 250) {
    lineBps = lineBps === 1e6 ? 2e6 : 1e6;
    t.is(measuring.observe(at(lineBps), nowMs).is, 'measuring', `${nowMs}`);
  }
  t.is(measuring.observe(at(1e6), 15_000).is, 'done');
});

test('nobody there, nobody who agrees, and nobody who answers end it, each after a while', (t) => {
  const alone = new Measuring();
  t.is(alone.observe(NOBODY, 0).is, 'waiting');
  t.is(alone.observe(NOBODY, 19_999).is, 'waiting');
  t.deepEqual(alone.observe({ ...NOBODY, members: ['B'] }, 20_000), { is: 'nobody', members: ['B'] });
  const deaf = new Measuring();
  t.is(deaf.observe(at(undefined, 'unmeasured'), 0).is, 'reaching');
  t.is(deaf.observe(at(undefined, 'unmeasured'), 10_000).is, 'unanswered');
  const gone = new Measuring();
  gone.observe(at(1e6), 0);
  t.is(gone.observe(at(1e6, 'silence'), 1000).is, 'unanswered');
});
