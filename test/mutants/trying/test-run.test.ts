import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { ROOT } from '../../checks/sources.ts';
import { Checkout } from './checkout.ts';
import { runTests, type TestRunOptions } from './test-run.ts';

/** Two tests that read one file. */
const QUICK = 'test/checks/lockfile.test.ts';
/** Far more than they take. */
const PATIENCE_MS = 60_000;
/** No run begins within this time. */
const NO_TIME_MS = 1;

const apart = (...tests: TestRunOptions['batch']['tests']) => ({ tests, inOneProcess: false });
const run = (options: Partial<TestRunOptions>) =>
  runTests({
    ...{ root: ROOT, batch: apart(QUICK), patienceMs: PATIENCE_MS, signal: new AbortController().signal },
    ...options,
  });

test('tests that pass have passed, and how long they kept silent is told', async (t) => {
  const outcome = await run({});
  t.is(outcome.result, 'passed');
  t.true(outcome.result === 'passed' && outcome.silenceMs > 0 && outcome.silenceMs < PATIENCE_MS);
});

test('a run without a test has failed', async (t) => {
  const outcome = await run({ batch: apart('test/checks/sources.ts') });
  t.is(outcome.result, 'failed');
});

test('files run in one process, to the first test that fails', async (t) => {
  const copy = await Checkout.copy();
  t.teardown(() => copy.remove());
  const tests = ['test/machines/subjects.test.ts', 'test/machines/same-data.test.ts'];
  const before = await readdir(join(copy.root, 'test'));
  const shared = { root: copy.root, batch: { tests, inOneProcess: true } };
  t.like(await run(shared), { result: 'passed' });
  const fault = { line: 1, operator: '', what: '', why: null, start: 0, end: 0, replacement: 'throw new Error();' };
  const outcome = await copy.with({ file: 'machines/same-data.ts', ...fault }, () => run(shared));
  t.is(outcome.result, 'failed');
  t.deepEqual(await readdir(join(copy.root, 'test')), before, 'nothing is left behind');
});

test('a run from which nothing comes for long hangs', async (t) => {
  t.deepEqual(await run({ patienceMs: NO_TIME_MS }), { result: 'hung' });
});

test('a run that is interrupted rejects', async (t) => {
  const interrupt = new AbortController();
  const running = run({ signal: interrupt.signal });
  await delay(0);
  interrupt.abort(new Error('enough'));
  await t.throwsAsync(running, { message: 'enough' });
  await t.throwsAsync(run({ signal: interrupt.signal }), { message: 'enough' });
});
