/** A peer on a real terminal, which `script` gives it: one that stands still, and one that is closed. Linux only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { startNatsServer } from '../../infra/nats/server.ts';
import { type Logged, PEER, PeerProcess } from './peer-process.ts';

const CTRL_S = '\x13';
const CTRL_Q = '\x11';
const joined = (id: string) => (logged: Logged) => logged.event === 'member.joined' && logged.other === id;

/** A peer whose standard output and standard error are a terminal of 20 by 6. */
function peerOnTerminal(t: ExecutionContext, ...args: readonly string[]) {
  const command = [process.execPath, ...PEER, ...args].map((word) => `'${word}'`).join(' ');
  // Where the shell stayed, its own answer to Ctrl-C would be the exit code on some machines (dash: 130).
  const script = spawn('script', ['-qefc', `stty cols 20 rows 6; exec ${command}`, '/dev/null']);
  t.teardown(() => script.kill('SIGKILL'));
  let shown = '';
  const waiting: (() => void)[] = [];
  script.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    for (const wake of waiting.splice(0)) wake();
  });
  return {
    type: (keys: string) => script.stdin.write(keys),
    hangUp: () => script.kill('SIGKILL'),
    ended: once(script, 'close').then(([code]) => code),
    shows: async (text: string) => {
      while (!shown.includes(text)) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a terminal that stands still stops no call, and shows it again when it goes on', async (t) => {
  await using server = await startNatsServer();
  const a = peerOnTerminal(t, '--id', 'A', '--nats', server.url);
  await a.shows('A: starting…');
  await using b = PeerProcess.start('--id', 'B', '--nats', server.url);
  await b.event(joined('A'));
  await a.shows('B live');
  a.type(CTRL_S);
  // Each newcomer makes A draw; it answers the second one only if the drawing for the first has not stopped it.
  for (const id of ['C', 'D']) {
    const newcomer = PeerProcess.start('--id', id, '--nats', server.url);
    t.teardown(() => newcomer[Symbol.asyncDispose]());
    await newcomer.event(joined('A'));
    await b.event(joined(id));
  }
  a.type(CTRL_Q);
  await a.shows('D live');
  a.type('\x03');
  t.is(await a.ended, 0);
});

onLinux('who closes the terminal has hung up: the others hear a bye', async (t) => {
  await using server = await startNatsServer();
  const a = peerOnTerminal(t, '--id', 'A', '--nats', server.url);
  await using b = PeerProcess.start('--id', 'B', '--nats', server.url);
  await b.event(joined('A'));
  await a.shows('B live');
  a.hangUp();
  t.like(await b.event(({ event }) => event === 'member.left'), { other: 'A', reason: 'bye' });
});

test('SIGHUP ends a peer in good order', async (t) => {
  await using server = await startNatsServer();
  await using a = PeerProcess.start('--id', 'A', '--nats', server.url);
  await a.event(({ event }) => event === 'rate.changed');
  a.signal('SIGHUP');
  t.is((await a.ended).code, 0);
  t.like(a.events.at(-1), { event: 'peer.ended', how: 'left' });
});

onLinux('a log that cannot be written is one clear error, and the peer says bye', async (t) => {
  await using server = await startNatsServer();
  const full = openSync('/dev/full', 'w');
  const command = [...PEER, '--json', '--id', 'A', '--nats', server.url];
  const a = spawn(process.execPath, command, { stdio: ['ignore', full, 'pipe'] });
  let stderr = '';
  a.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(a, 'close');
  t.is(code, 1);
  t.regex(stderr, /^log\.failed: .*ENOSPC.*\n$/);
});
