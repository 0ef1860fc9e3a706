import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { ROOT } from '../../checks/sources.ts';
import { runTests, type TestRunOptions } from './test-run.ts';

/** Two tests that read one file. */
const QUICK = { file: 'test/checks/lockfile.test.ts', match: null };
/** Far more than they take. */
const PATIENCE_MS = 60_000;
/** No run begins within this time. */
const NO_TIME_MS = 1;

const run = (options: Partial<TestRunOptions>) =>
  runTests({ root: ROOT, tests: [QUICK], limitMs: PATIENCE_MS, signal: new AbortController().signal, ...options });

test('tests that pass have passed', async (t) => {
  t.deepEqual(await run({}), { result: 'passed' });
});

test('a run without a test has failed', async (t) => {
  const outcome = await run({ tests: [{ ...QUICK, match: 'no such title' }] });
  t.is(outcome.result, 'failed');
});

test('a run whose time is over hangs', async (t) => {
  t.deepEqual(await run({ limitMs: NO_TIME_MS }), { result: 'hung' });
});

test('a run that is interrupted rejects', async (t) => {
  const interrupt = new AbortController();
  const running = run({ signal: interrupt.signal });
  await delay(0);
  interrupt.abort(new Error('enough'));
  await t.throwsAsync(running, { message: 'enough' });
  await t.throwsAsync(run({ signal: interrupt.signal }), { message: 'enough' });
});
