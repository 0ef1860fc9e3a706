import test from 'ava';
import { deliveredShare, deliveriesIn, joinDeliveries, windowsBetween } from './delivery.ts';
import { pair, reception, snapshot } from './made-up.ts';

test('a window holds what was sent after the first snapshot, up to the second', (t) => {
  const windows = windowsBetween(snapshot({ A: { sent: 99 } }), snapshot({ A: { sent: 199 } }));
  t.deepEqual(windows, [{ source: 'A', from: 100, to: 200 }]);
});

test('of a source that had not begun, and of one that has gone, nothing is expected', (t) => {
  const windows = windowsBetween(snapshot({ A: { sent: null }, gone: { sent: 7 } }), snapshot({ A: { sent: 9 } }));
  t.deepEqual(windows, [{ source: 'A', from: 10, to: 10 }]);
});

test('every receiver is expected to get every source but its own', (t) => {
  const window = { received: 98, duplicates: 3, via: { R: 60, A: 38, Q: 0 } };
  const answers = snapshot({ A: {}, B: { receptions: [reception('A', { window })] }, C: {} });
  t.deepEqual(deliveriesIn([{ source: 'A', from: 100, to: 200 }], answers), [
    pair('A', 'B', { via: ['direct', 'R'], received: 98, lost: 2, duplicates: 3 }),
    pair('A', 'C', { via: [], received: 0, lost: 100 }),
  ]);
});

test('two windows in a row count as one', (t) => {
  const first = [pair('A', 'B', { via: ['R'], received: 99, lost: 1 })];
  t.deepEqual(joinDeliveries(first, [pair('A', 'B', { duplicates: 2 }), pair('B', 'A')]), [
    pair('A', 'B', { via: ['direct', 'R'], expected: 200, received: 199, lost: 1, duplicates: 2 }),
    pair('B', 'A'),
  ]);
});

test('the share delivered counts packets, not pairs', (t) => {
  t.is(
    deliveredShare([pair('A', 'B', { received: 0, lost: 100 }), pair('B', 'A', { expected: 300, received: 300 })]),
    0.75,
  );
  t.is(deliveredShare([]), 0);
});
