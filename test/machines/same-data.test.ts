/** Plain data is compared as its JSON text would be, whatever is in it. */
import test from 'ava';
import fc from 'fast-check';
import { sameData } from '../../machines/same-data.ts';

const RUNS = { seed: 20_261_123, numRuns: 500 };
const data = fc.jsonValue({ maxDepth: 3, noUnicodeString: true });

test('a copy is the same', (t) => {
  fc.assert(
    fc.property(data, (value) => sameData(value, structuredClone(value))),
    RUNS,
  );
  t.pass();
});

test('what differs as text is not the same', (t) => {
  fc.assert(
    fc.property(data, data, (a, b) => sameData(a, b) || JSON.stringify(a) !== JSON.stringify(b)),
    RUNS,
  );
  fc.assert(
    fc.property(data, data, (a, b) => !sameData([a, 0], [b, 1]) && !sameData({ a }, { a, b })),
    RUNS,
  );
  t.pass();
});

test('an array is no object, and null is no record', (t) => {
  t.false(sameData([], {}));
  t.false(sameData({}, []));
  t.false(sameData(null, {}));
  t.false(sameData({ a: undefined }, { b: undefined }));
});
