/** The command asks real sockets, ends by itself, and says by its exit code what came of it. */
import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { findOut } from '../../../actors/reach-report/find-out.ts';
import { readStun } from '../../../infra/stun/read.ts';
import { StunServer } from '../../../infra/stun/server.ts';

const COMMAND = fileURLToPath(new URL('../../../infra/setup/rpr.mjs', import.meta.url));
/** Of this machine, so that nothing leaves it. */
const LISTEN = { host: '127.0.0.1', port: 0 };

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, 'reach', ...args], (error, stdout, stderr) =>
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr }),
    );
  });
}

/** A socket of loopback; with `answers` it is a STUN server. */
async function serverAt(answers: boolean): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4');
  const server = new StunServer();
  socket.on('message', (bytes, { address: host, port }) => {
    const message = readStun(bytes);
    const answer = message && server.answer(message, { host, port }, performance.now());
    if (answers && answer) socket.send(answer, port, host);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port };
}

test('servers that answer are told as what they see us and after how long, one that is silent as silent', async (t) => {
  const [open, mute] = [await serverAt(true), await serverAt(false)];
  t.teardown(() => [open, mute].map(({ socket }) => socket.close()));
  const stun = [open, mute].map(({ port }) => ({ host: '127.0.0.1', port }));
  const findings = await findOut({ choice: { stun, turn: null, portMapping: false }, listen: LISTEN, addresses: [] });
  const [first, second] = findings.stun;
  t.like(first?.says, { kind: 'mapped', address: { host: '127.0.0.1', port: findings.bound.port } });
  t.deepEqual(second?.says, { kind: 'silent' });
  t.true(findings.tookMs < 3500);
});

test('where all have answered nothing more is waited for', async (t) => {
  const { socket, port } = await serverAt(true);
  t.teardown(() => socket.close());
  const choice = { stun: [{ host: '127.0.0.1', port }], turn: null, portMapping: false };
  const findings = await findOut({ choice, listen: LISTEN, addresses: [] });
  t.is(findings.stun[0]?.says.kind, 'mapped');
  t.true(findings.tookMs < 2000);
});

test('a TURN server that is silent is told as that', async (t) => {
  const { socket, port } = await serverAt(false);
  t.teardown(() => socket.close());
  const turn = { server: { host: '127.0.0.1', port }, username: 'anna', password: 's3cret' };
  const findings = await findOut({ choice: { stun: [], turn, portMapping: false }, listen: LISTEN, addresses: [] });
  t.like(findings.turn, { kind: 'failed', failure: { code: 'turn.silent' } });
});

test('the command tells people in words and programs in one line of JSON', async (t) => {
  const { socket, port } = await serverAt(true);
  t.teardown(() => socket.close());
  const options = ['--no-port-mapping', '--stun', `127.0.0.1:${port}`];
  const [words, json] = await Promise.all([run(...options), run(...options, '--json')]);
  t.is(words.exitCode, 0, words.stderr);
  t.regex(words.stdout, new RegExp(`STUN 127\\.0\\.0\\.1:${port}: sees us at 127\\.0\\.0\\.1:\\d+, after `));
  t.is(json.exitCode, 0, json.stderr);
  const lines = json.stdout.trimEnd().split('\n');
  t.is(lines.length, 1);
  t.like(JSON.parse(lines[0] ?? ''), { mapping: { kind: 'not-asked' }, turn: null, stun: [{ at: { port } }] });
});

test('wrong usage ends with 2 and a line, help with 0', async (t) => {
  const [unknown, extra, turn, help] = await Promise.all([
    run('--stum'),
    run('home'),
    run('--turn', 'turns:host:1?a&b'),
    run('--help'),
  ]);
  t.deepEqual(
    [unknown, extra, turn, help].map(({ exitCode }) => exitCode),
    [2, 2, 2, 0],
  );
  t.regex(turn.stderr, /^usage\.invalid: --turn: /);
  t.regex(help.stdout, /Exit codes: 0 the report is told, 1 no UDP gets out/);
});
