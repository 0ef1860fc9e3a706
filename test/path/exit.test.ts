/** A process ends although its forwarding thread waits for a packet that never comes. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const ENDS = fileURLToPath(new URL('./threads/ends.ts', import.meta.url));

/** The exit code of a process that opens a batched path, forwards a packet and then ends in this way. */
function exitCodeOf(how: string): Promise<number | string | null | undefined> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import=tsx', ENDS, how], (error) => resolve(error === null ? 0 : error.code));
  });
}

test('it exits', async (t) => {
  t.is(await exitCodeOf('exit'), 7);
});

test('it fails', async (t) => {
  t.is(await exitCodeOf('throw'), 1);
});
