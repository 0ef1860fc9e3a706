import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { ROOT } from './sources.ts';

/** Runs the test command; gives its exit code and the last line of its standard output. */
async function runTests(...args: string[]): Promise<{ code: unknown; lastLine: string | undefined }> {
  const child = spawn(process.execPath, ['--import=tsx', join(ROOT, 'test/run.ts'), ...args], { cwd: ROOT });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.resume();
  const [code] = await once(child, 'close');
  return { code, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

test('the last line counts the tests', async (t) => {
  t.deepEqual(await runTests('test/checks/lockfile.test.ts'), { code: 0, lastLine: '2 passed, 0 failed' });
});

test('a run that finds no test has failed', async (t) => {
  t.deepEqual(await runTests('test/checks/lockfile.test.ts', '--match', 'no such title'), {
    code: 1,
    lastLine: '0 passed, 1 failed',
  });
});
