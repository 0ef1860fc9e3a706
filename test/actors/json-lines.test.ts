/** The JSON log and whoever reads it. */
import { spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const WRITER = fileURLToPath(new URL('json-lines-writer.ts', import.meta.url));

/** What a child of Node has as its standard output, and what a shell gives it. */
const KINDS = ['socket', 'pipe'] as const;

function writer(t: ExecutionContext, kind: (typeof KINDS)[number]) {
  const pipe = kind === 'pipe' ? openPipe(t) : undefined;
  const command = ['--import', 'tsx', WRITER];
  const child = spawn(process.execPath, command, { stdio: ['ignore', pipe?.writing ?? 'pipe', 'inherit', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  if (pipe !== undefined) closeSync(pipe.writing);
  const stdout = pipe === undefined ? child.stdout : new Socket({ fd: pipe.reading, writable: false });
  if (stdout === null) throw new Error('it is started with a pipe');
  return { child, stdout, news: on(child, 'message') };
}

function openPipe(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'rpr-pipe-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'pipe');
  spawnSync('mkfifo', [path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reading, writing: openSync(path, constants.O_WRONLY) };
}

for (const kind of KINDS) {
  test(`a reader of the log that stands still stops nobody, and is told where how many lines are missing: ${kind}`, async (t) => {
    const { child, stdout, news } = writer(t, kind);
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
}

test('a reader of the log that has gone is told once', async (t) => {
  const { stdout, child, news } = writer(t, 'socket');
  stdout.destroy();
  const heard = [(await news.next()).value, (await news.next()).value];
  t.true(heard.some(([item]) => item.gone));
  child.send('end');
  t.deepEqual(await once(child, 'exit'), [0, null]);
});
