import test from 'ava';
import { batchesOf } from './test-batches.ts';

test('batches of files with processes of their own grow, keep the order, and leave nothing out', (t) => {
  const files = Array.from({ length: 20 }, (_, index) => `test/integration/${index}.test.ts`);
  const batches = batchesOf(files);
  t.deepEqual(
    batches.flatMap(({ tests }) => tests),
    files,
  );
  t.deepEqual(
    batches.map(({ tests }) => tests.length),
    [3, 6, 11],
  );
  t.false(batches.some(({ inOneProcess }) => inOneProcess));
  t.deepEqual(batchesOf([]), []);
});

test('what may run in one process does, in its order, before all else', (t) => {
  const [a, b, c] = ['test/machines/b.test.ts', 'test/actors/a.test.ts', 'test/integration/c.test.ts'] as const;
  const own = 'test/actors/players.test.ts';
  const batches = batchesOf([own, c, a, b]);
  t.deepEqual(
    batches.map(({ tests, inOneProcess }) => [tests, inOneProcess]),
    [
      [[a, b], true],
      [[own, c], false],
    ],
  );
});
