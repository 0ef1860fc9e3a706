/** The JSON log and whoever reads it: a child of Node has a socket as its standard output. */
import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const WRITER = fileURLToPath(new URL('json-lines-writer.ts', import.meta.url));

function writer(t: ExecutionContext) {
  const command = ['--import', 'tsx', WRITER];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('it is started with a pipe');
  return { child, stdout: child.stdout, news: on(child, 'message') };
}

test('a reader of the log that stands still stops nobody, and is told where how many lines are missing', async (t) => {
  const { child, stdout, news } = writer(t);
  // It has written them all, and nobody has read one.
  t.deepEqual((await news.next()).value[0], { written: 3000 });
  const read = text(stdout);
  child.send('end');
  const lines = (await read).trimEnd().split('\n');
  const last = lines.pop();
  t.true(lines.length > 256 && lines.length < 3000, String(lines.length));
  t.deepEqual(
    lines.map((line) => Number.parseInt(line, 10)),
    lines.map((_, number) => number),
  );
  t.is(last, `left out ${3000 - lines.length}`);
});

test('a reader of the log that has gone is told once', async (t) => {
  const { stdout, child, news } = writer(t);
  stdout.destroy();
  const heard = [(await news.next()).value, (await news.next()).value];
  t.true(heard.some(([item]) => item.gone));
  child.send('end');
  t.deepEqual(await once(child, 'exit'), [0, null]);
});
