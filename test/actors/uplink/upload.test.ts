/** What is told of an uplink: before it is measured, for as long as a figure is believed, and once it has been measured. */
import test from 'ava';
import { toldAsMeasured, toldAtFirst } from '../../../actors/uplink/upload.ts';

const MEASURED = { uploadBps: null, lendBps: null, headroom: 0.95 };
const TOLD = { ...MEASURED, uploadBps: 4_000_000 };

test('a figure is told as it is, with the headroom taken off what is used, and nothing can be lent that is not there', (t) => {
  t.deepEqual(toldAtFirst(TOLD, true), {
    ...{ uploadBps: 4_000_000, usableBps: 3_800_000, lendBps: 4_000_000 },
    line: null,
  });
  t.is(toldAtFirst({ ...TOLD, lendBps: 5_000_000 }, true).lendBps, 4_000_000);
  t.is(toldAtFirst({ ...TOLD, lendBps: 0 }, true).lendBps, 0);
});

test('until it is measured an uplink is taken for a slow one, and for a usual one where nobody measures it', (t) => {
  t.deepEqual(toldAtFirst(MEASURED, true), {
    ...{ uploadBps: 500_000, usableBps: 475_000, lendBps: 500_000 },
    line: null,
  });
  t.is(toldAtFirst(MEASURED, false).uploadBps, 10_000_000);
});

test('what is measured is told whole, unless more headroom is asked for than a measured budget leaves', (t) => {
  const line = { bps: 2_000_000, isShort: true };
  t.deepEqual(toldAsMeasured(line, 500_000, TOLD), {
    ...{ uploadBps: 2_500_000, usableBps: 2_500_000, lendBps: 2_500_000 },
    line,
  });
  t.is(toldAsMeasured(line, 0, { ...TOLD, headroom: 0.475 }).usableBps, 1_000_000);
  t.is(toldAsMeasured(line, 0, { ...TOLD, lendBps: 300_000 }).lendBps, 300_000);
});
