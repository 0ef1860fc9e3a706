/** `rpr uplink` at both ends, as processes of their own over a real server. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { startNatsServer } from '../../infra/nats/server.ts';

const COMMAND = fileURLToPath(new URL('../../infra/setup/rpr.mjs', import.meta.url));

function uplink(t: ExecutionContext, ...args: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, 'uplink', '--listen', '127.0.0.1:0', ...args]);
  t.teardown(() => child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, exited };
}

test('a line is measured against who serves, told with the advice, and both end in good order', async (t) => {
  await using server = await startNatsServer();
  const at = ['--nats', server.url, '--room', 'tea'];
  const serving = uplink(t, ...at, '--serve', '--id', 'S', '--accept', '5mbit', '--json');
  for await (const line of createInterface({ input: serving.child.stdout })) {
    t.like(JSON.parse(line), { event: 'uplink.served', id: 'S', acceptBps: 5e6 });
    break;
  }
  const measuring = uplink(t, ...at, '--json');
  const [out, progress, status] = await Promise.all([
    text(measuring.child.stdout),
    text(measuring.child.stderr),
    measuring.exited,
  ]);
  t.is(status, 0, progress);
  const { lineBps, uploadBps, with: agreed } = JSON.parse(out);
  t.deepEqual(agreed, ['S']);
  t.true(lineBps > 0 && uploadBps > 0 && uploadBps <= lineBps);
  t.regex(progress, /measuring: /);
  serving.child.kill('SIGINT');
  t.is(await serving.exited, 0);
});

test('Ctrl-C ends a measurement that waits, and a mistake is one line', async (t) => {
  await using server = await startNatsServer();
  const { child, exited } = uplink(t, '--nats', server.url);
  const heard = createInterface({ input: child.stderr });
  for await (const line of heard) {
    if (!line.startsWith('waiting')) continue;
    child.kill('SIGINT');
    break;
  }
  t.is(await exited, 130);
  const wrong = uplink(t, '--serve', '--with', 'B');
  const [said, status] = await Promise.all([text(wrong.child.stderr), wrong.exited]);
  t.is(said, '--serve waits for whoever comes: leave out --with and --up-to.\n'.replace(/^/, 'usage.invalid: '));
  t.is(status, 2);
});
