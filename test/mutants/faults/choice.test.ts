import test from 'ava';
import { chooseFaults, sample } from './choice.ts';
import { nameOf } from './fault.ts';

const HUNDRED = Array.from({ length: 100 }, (_, index) => index);

test('a sample is the same for the same seed, in order, and another one for another', (t) => {
  const drawn = sample(HUNDRED, 10, 1);
  t.is(new Set(drawn).size, 10);
  t.deepEqual(
    drawn,
    [...drawn].sort((a, b) => a - b),
  );
  t.deepEqual(sample(HUNDRED, 10, 1), drawn);
  t.notDeepEqual(sample(HUNDRED, 10, 2), drawn);
});

test('everything is drawn about as often', (t) => {
  const times = HUNDRED.map(() => 0);
  for (let seed = 0; seed < 1000; seed += 1)
    for (const item of sample(HUNDRED, 10, seed)) times[item] = (times[item] ?? 0) + 1;
  // A hundred times each on average, with a deviation of ten: five of those are next to impossible.
  t.true(Math.min(...times) > 50 && Math.max(...times) < 150, `${Math.min(...times)} to ${Math.max(...times)}`);
});

test('a sample of more than there are is all of them', (t) => {
  t.deepEqual(sample([1, 2, 3], 10, 1), [1, 2, 3]);
});

test('only files of the pattern are chosen from, and never the planner by chance', async (t) => {
  const wanted = { file: 'machines/', guardsOnly: false, seed: 1, count: 1_000_000 };
  const faults = await chooseFaults(wanted);
  t.true(faults.every(({ file }) => file.startsWith('machines/')));
  t.true(faults.some(({ file }) => file === 'machines/forwarding/liveness.ts'));
  t.false(faults.some(({ file, operator }) => file.startsWith('machines/planning/') && operator !== 'guard'));
  t.is(new Set(faults.map(nameOf)).size, faults.length);
});

test('guards alone are chosen where they alone are wanted', async (t) => {
  const faults = await chooseFaults({ file: '', guardsOnly: true, seed: 1, count: 10 });
  t.true(faults.length > 0);
  t.true(faults.every(({ operator }) => operator === 'guard'));
});
