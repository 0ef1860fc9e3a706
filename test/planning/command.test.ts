/** The command `plan` as its user meets it: where the room comes from, what is printed, and what a bad room gets. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { fixedRoom } from './rooms.ts';

const COMMAND = fileURLToPath(new URL('../../infra/setup/rpr.mjs', import.meta.url));

interface Outcome {
  readonly code: unknown;
  readonly output: string;
  readonly errors: string;
}

async function plan(args: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn(process.execPath, [COMMAND, 'plan', ...args]);
  // A command that refuses its arguments never reads.
  child.stdin.on('error', () => undefined).end(input);
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, output, errors };
}

/** A room of fixed 1 Mbit/s sources as a file. */
function sourceRoom(headroom: number, uploads: readonly number[]): string {
  const peers = fixedRoom(uploads).peers.map(({ id, uploadBps }) => ({
    ...{ id, uploadBps },
    source: { minBps: 1_000_000, maxBps: 1_000_000 },
  }));
  return JSON.stringify({ headroom, peers });
}

const ROOM = sourceRoom(0.95, [5, 10, 2]);

test('a room from standard input as one line of JSON', async (t) => {
  const { code, output, errors } = await plan(['-', '--json'], ROOM);
  t.is(code, 0);
  t.is(errors, '');
  t.is(output.trimEnd().split('\n').length, 1);
  const document: unknown = JSON.parse(output);
  t.like(document, {
    rates: { A: 1_000_000, B: 1_000_000, C: 1_000_000 },
    unserved: [],
    boundBps: 1_000_000,
    ratio: 1,
  });
  t.like(document, { load: { A: 2_000_000, B: 3_000_000, C: 1_000_000 } });
  t.true(output.includes('{"source":"C","slices":"ffff","relay":"B","receivers":["A"]}'));
});

test('a room from a file in words', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plan-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'room.json');
  await writeFile(file, ROOM);
  const { code, output } = await plan([file]);
  t.is(code, 0);
  t.regex(output, /Everybody is served/);
});

const STREAMS = JSON.stringify({ headroom: 0.95, peers: fixedRoom([5, 10, 2]).peers });

test('a room of streams: rates and routes by stream', async (t) => {
  const { output } = await plan(['-', '--json'], STREAMS);
  const document: unknown = JSON.parse(output);
  t.like(document, { rates: { 'A/camera': 1_000_000 }, unserved: [], load: { A: 2_000_000 } });
  t.true(output.includes('{"source":"C","stream":"camera","slices":"ffff","relay":"B","receivers":["A"]}'));
  const inWords = await plan(['-'], STREAMS);
  t.regex(inWords.output, /C\/camera/);
});

test('a room of streams: who goes unserved is named with the stream', async (t) => {
  const { output } = await plan(['-'], JSON.stringify({ headroom: 1, peers: fixedRoom([1, 1, 1]).peers }));
  t.regex(output, /[ABC]\/camera -> [ABC]/);
});

test('pairs that cannot reach each other go over who reaches both, or are named with the reason', async (t) => {
  const room = { ...JSON.parse(ROOM), cut: [['A', 'C']] };
  const bridged = await plan(['-', '--json'], JSON.stringify(room));
  t.true(bridged.output.includes('{"source":"A","slices":"ffff","relay":"B","receivers":["C"]}'));
  const alone = { ...room, peers: room.peers.filter(({ id }: { readonly id: string }) => id !== 'B') };
  const { code, output } = await plan(['-'], JSON.stringify(alone));
  t.is(code, 0);
  t.regex(output, /A -> C: they can not reach each other, and no member that relays reaches both/);
  const { code: refused, errors } = await plan(['-'], JSON.stringify({ ...room, cut: [['A']] }));
  t.is(refused, 2);
  t.regex(errors, /^error: cut\[0\]/);
});

test('who goes unserved is named', async (t) => {
  const { code, output } = await plan(['-'], sourceRoom(1, [1, 1, 1]));
  t.is(code, 0);
  t.regex(output, /Not served/);
  t.regex(output, /[ABC] -> [ABC]/);
});

const REFUSED: readonly (readonly [name: string, args: readonly string[], input: string, says: RegExp])[] = [
  ['a room that is not JSON', ['-'], '{', /^error: not JSON: /],
  [
    'a wrong field',
    ['-', '--json'],
    '{"headroom":1,"peers":[{"id":"A","uploadBps":-1}]}',
    /^error: peers\[0\]\.uploadBps: /,
  ],
  ['a missing field', ['-'], '{"peers":[]}', /^error: headroom: /],
  ['a file that is not there', ['/no/such/room.json'], '', /^error: the room can't be read: /],
  ['an unknown option', ['-', '--fast'], ROOM, /^error: unknown option '--fast'/],
  ['no room at all', [], '', /^error: missing required argument/],
];

for (const [name, args, input, says] of REFUSED) {
  test(`${name}: one clear line, and exit code 2`, async (t) => {
    const { code, output, errors } = await plan(args, input);
    t.is(code, 2);
    t.is(output, '');
    t.regex(errors, says);
    t.is(errors.trimEnd().split('\n').length, 1, errors);
  });
}

test('help explains the room', async (t) => {
  const { code, output } = await plan(['--help']);
  t.is(code, 0);
  t.regex(output, /uploadBps/);
});
