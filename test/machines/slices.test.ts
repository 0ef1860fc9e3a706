/** Masks of slices: counted, cut, and shown. */
import test from 'ava';
import { ALL_SLICES, sliceBps, sliceCount, sliceHex } from '../../machines/slices.ts';

test('a mask is shown as four hex digits', (t) => {
  t.deepEqual([0, 0x0f, 0xa0b, ALL_SLICES].map(sliceHex), ['0000', '000f', '0a0b', 'ffff']);
});

test('each slice is a sixteenth of the rate', (t) => {
  t.deepEqual([0, 0x8001, ALL_SLICES].map(sliceCount), [0, 2, 16]);
  t.is(sliceBps(0x8001, 1600), 200);
});
