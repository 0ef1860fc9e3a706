import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { createActor, setup } from 'xstate';
import { Inspector } from '../../actors/call/inspector.ts';
import { connectNats } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';

const COMMAND = fileURLToPath(new URL('../../infra/setup/rpr.mjs', import.meta.url));
const door = setup({}).createMachine({
  id: 'door',
  initial: 'shut',
  states: { shut: { on: { push: 'open' } }, open: { on: { push: 'shut' } } },
});

/** Starts the command and waits until it watches. */
async function watching(args: readonly string[]): Promise<ChildProcess & { lines: AsyncIterator<string> }> {
  const child = spawn(process.execPath, [COMMAND, 'inspect', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const [said] = await once(createInterface({ input: child.stderr }), 'line');
  if (!String(said).startsWith('Watching')) throw new Error(`the command said: ${said}`);
  return Object.assign(child, { lines });
}

const line = async (child: { lines: AsyncIterator<string> }) => String((await child.lines.next()).value);

test('transitions of the peer asked for are printed, readable or as JSON, until Ctrl-C', async (t) => {
  await using server = await startNatsServer();
  await using bus = await connectNats({ url: server.url, id: 'A' });
  const to = ['--room', 'hall', '--nats', server.url];
  const readable = await watching([...to, '--peer', 'A']);
  const json = await watching([...to, '--json']);
  t.teardown(() => [readable, json].map((child) => child.kill('SIGKILL')));

  const publishAs = (id: string, room: string) => (text: string) =>
    bus.publish(`rpr.v2.${room}.${id}.all.inspect`, new TextEncoder().encode(text));
  const now = () => Date.UTC(2030, 0, 1, 12, 0, 1, 234);
  const opened = (id: string, room: string) => {
    const { observe } = new Inspector({ publish: publishAs(id, room), now });
    createActor(door, { inspect: observe }).start().send({ type: 'push' });
  };
  opened('B', 'elsewhere');
  publishAs('B', 'hall')('garbage');
  opened('B', 'hall');
  opened('A', 'hall');

  t.regex(await line(readable), /^\d\d:\d\d:01[.,]234 {2}A {9}door {18}· → shut {2}start$/);
  t.regex(await line(readable), /door {18}shut → open {2}push$/);
  const told = [await line(json), await line(json), await line(json), await line(json)].map((text) => JSON.parse(text));
  t.deepEqual(
    told.map(({ peer, event, to }) => [peer, event, to]),
    [
      ['B', 'start', ['shut']],
      ['B', 'push', ['open']],
      ['A', 'start', ['shut']],
      ['A', 'push', ['open']],
    ],
  );
  for (const child of [readable, json]) {
    child.kill('SIGINT');
    t.deepEqual(await once(child, 'exit'), [0, null]);
  }
});

test('a bad id and a server that is not there each get one clear line', async (t) => {
  const ended = async (args: readonly string[]) => {
    const child = spawn(process.execPath, [COMMAND, 'inspect', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [code] = await once(child, 'close');
    return { code, text };
  };
  const badRoom = await ended(['--room', 'a.b']);
  t.is(badRoom.code, 1);
  t.regex(badRoom.text, /--room.*1 to 32 of/);
  const server = await startNatsServer();
  await server.stop();
  const nobody = await ended(['--room', 'hall', '--nats', server.url]);
  t.is(nobody.code, 1);
  t.regex(nobody.text, /^No NATS server at .*nothing listens there/);
});
