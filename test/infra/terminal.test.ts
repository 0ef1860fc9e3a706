/** Output to somebody who does not read: nothing waits, and what is written arrives whole or not at all. */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openPatiently, type PatientOutput } from '../../infra/process/terminal.ts';

/** A pipe with an end to read from, and an output on the other. */
function pipe(t: ExecutionContext, onGone?: (error: NodeJS.ErrnoException) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'rpr-pipe-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'pipe');
  spawnSync('mkfifo', [path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = openSync(path, constants.O_WRONLY);
  const output = openPatiently(writing, onGone);
  closeSync(writing);
  if (output === undefined) throw new Error('a pipe can be opened once more');
  return { reading, output };
}

/** Reads until the text has come that many letters long. */
async function read(reading: number, output: PatientOutput, letters: number): Promise<string> {
  const chunk = Buffer.alloc(1 << 16);
  let text = '';
  while (text.length < letters) {
    try {
      text += chunk.toString('utf8', 0, readSync(reading, chunk));
    } catch {
      // Nothing there at the moment.
    }
    await output.settle(1);
  }
  return text;
}

test('what a reader does not take waits without stopping us, and comes whole once it reads', async (t) => {
  const { reading, output } = pipe(t);
  t.true(output.idle);
  const line = (number: number) => `${number} ${'x'.repeat(1000)}\n`;
  let written = '';
  let number = 0;
  while (output.write(line(number))) written += line(number++);
  t.false(output.idle);
  // A full pipe, and what may wait behind it.
  t.true(written.length > 256 * 1024 && written.length < 1024 * 1024, String(written.length));
  t.is(await read(reading, output, written.length), written);
  t.true(output.idle);
  t.true(output.write('again'));
  t.is(await read(reading, output, 5), 'again');
  closeSync(reading);
});

test('a reader that has gone is told once, and nothing is written any more', (t) => {
  const gone: (string | undefined)[] = [];
  const { reading, output } = pipe(t, ({ code }) => gone.push(code));
  closeSync(reading);
  t.false(output.write('hello'));
  t.false(output.write('hello'));
  t.false(output.idle);
  t.deepEqual(gone, ['EPIPE']);
});

test('files are not for here', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rpr-file-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = openSync(join(folder, 'file'), 'w');
  t.is(openPatiently(file), undefined);
  closeSync(file);
});
