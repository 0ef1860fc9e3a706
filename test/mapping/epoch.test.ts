/** When a gateway has lost its mappings, as its clock tells (RFC 6886 section 3.6, RFC 6887 section 8.5). */
import test from 'ava';
import { EpochWatch } from '../../infra/mapping/epoch.ts';

/** @param told seconds on our clock, and on the gateway's */
const heard = (...told: readonly (readonly [number, number])[]): boolean[] => {
  const watch = new EpochWatch();
  return told.map(([ownS, epochS]) => watch.hear(epochS, 1000 * ownS));
};

test('a clock that goes on, somewhat slow or fast, is that of the same gateway', (t) => {
  t.deepEqual(heard([0, 1000], [30, 1030], [60, 1056], [90, 1090]), [false, false, false, false]);
  t.deepEqual(heard([0, 5], [0.2, 5], [0.4, 6]), [false, false, false]);
});

test('a clock that begins anew is that of a gateway that has restarted', (t) => {
  t.deepEqual(heard([0, 1000], [30, 4], [60, 34]), [false, true, false]);
});

test('a gateway that restarted soon after it had been asked first is noticed too', (t) => {
  t.deepEqual(heard([0, 3], [30, 10]), [false, true]);
});

test('a clock far ahead says that we have slept', (t) => {
  t.deepEqual(heard([0, 1000], [30, 9000], [60, 9030]), [false, true, false]);
});
