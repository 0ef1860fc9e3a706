import test from 'ava';
import { backoffMs } from '../../actors/page/app/link/backoff.ts';
import { refusalOf } from '../../actors/page/app/state/devices.ts';

test('the peer is called again soon, then slower, but never more rarely than every three seconds', (t) => {
  t.deepEqual([1, 2, 3, 4, 5, 100].map(backoffMs), [250, 500, 1_000, 2_000, 3_000, 3_000]);
});

test('why a device was refused', (t) => {
  t.is(refusalOf('NotAllowedError'), 'denied');
  t.is(refusalOf('NotFoundError'), 'missing');
  t.is(refusalOf('NotReadableError'), 'busy');
  t.is(refusalOf('SomethingNew'), 'busy');
});
