/** `inspect --web --record` and `replay`, as a person types them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { connectNats } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { encodeMessage } from '../../machines/messages.ts';
import { busMessage } from '../scenarios/telling/messages.ts';

const COMMAND = fileURLToPath(new URL('../../infra/setup/rpr.mjs', import.meta.url));

function started(t: ExecutionContext, name: string, ...args: string[]): ChildProcess & { readonly said: () => string } {
  const child = spawn(process.execPath, [COMMAND, name, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return Object.assign(child, { said: () => text });
}

const firstLine = async (child: ChildProcess) => {
  if (child.stdout === null) throw new Error('started with a pipe');
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return String(line);
};

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'commands-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

test('a room is shown and recorded until Ctrl-C, and played again from the file', async (t) => {
  await using server = await startNatsServer();
  await using bus = await connectNats({ url: server.url, id: 'A' });
  const file = join(await folder(t), 'hall.jsonl');
  const inspect = started(
    t,
    'inspect',
    '--room',
    'hall',
    '--nats',
    server.url,
    '--web',
    '--port',
    '0',
    '--record',
    file,
  );
  const url = await firstLine(inspect);
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{20,}$/);
  const page = await fetch(url);
  t.is(page.status, 200);
  t.regex(await page.text(), /<title>hall · RPR<\/title>[\s\S]*room\.css[\s\S]*room\.js/);

  const heard = new Promise<void>((resolve) => {
    bus.subscribe('rpr.v2.hall.*.A.profile.ask', () => resolve());
  });
  // Whoever asks for a profile has heard of it: the beat is in the recording.
  const beat = busMessage('A', 'all', 'beat').message;
  bus.publish(
    'rpr.v2.hall.A.all.beat',
    new TextEncoder().encode(encodeMessage({ kind: 'beat', body: { profile: 3 } }, beat.epoch, 1)),
  );
  await heard;
  inspect.kill('SIGINT');
  t.deepEqual(await once(inspect, 'exit'), [0, null]);
  t.regex(
    await readFile(file, 'utf8'),
    /^\{"recording":"rpr\.v2","room":"hall",.*\n\{.*"kind":"beat".*\n\{.*"bus":"disconnected"\}\n$/,
  );

  const replay = started(t, 'replay', file, '--web', '--port', '0');
  t.is((await fetch(await firstLine(replay))).status, 200);
  t.regex(replay.said(), /^Room hall, /);
  replay.kill('SIGINT');
  t.deepEqual(await once(replay, 'exit'), [0, null]);
});

test('a recording that is there already, one that is none, and a bad port each get one clear line', async (t) => {
  await using server = await startNatsServer();
  const file = join(await folder(t), 'dear.jsonl');
  await writeFile(file, 'dear');
  const ended = async (...args: [string, ...string[]]) => {
    const child = started(t, ...args);
    const [code] = await once(child, 'close');
    return [code, child.said()];
  };
  const twice = await ended('inspect', '--room', 'hall', '--nats', server.url, '--record', file);
  t.deepEqual(twice, [1, `There is a file ${file} already. Give another name.\n`]);
  t.deepEqual(await ended('replay', file, '--web'), [1, `${file} is no recording of a room.\n`]);
  t.deepEqual(await ended('replay', `${file}.gone`), [1, `There is no file ${file}.gone.\n`]);
  const [code, text] = await ended('replay', file, '--port', 'x');
  t.is(code, 1);
  t.regex(String(text), /--port.*Write a number from 0 to 65535/);
});
