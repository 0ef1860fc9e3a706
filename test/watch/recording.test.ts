import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Heard } from '../../actors/room-picture/heard.ts';
import { RecordingError } from '../../actors/watch/errors.ts';
import { Recorder } from '../../actors/watch/recorder.ts';
import { Recording, readRecording } from '../../actors/watch/recording.ts';
import { lineOf, readHead, readLine } from '../../actors/watch/recording-line.ts';
import { KINDS } from '../../machines/messages.ts';
import { busMessage } from '../scenarios/telling/messages.ts';

const HEAD = { recording: 'rpr.v2', room: 'hall', atMs: 1000 } as const;
const message = (atMs: number, ...said: Parameters<typeof busMessage>): Heard => {
  const { to, message } = busMessage(...said);
  return { type: 'message', atMs, to, message };
};
const transition = { atMs: 1, machine: 'm', chart: 'm', event: 'e', from: [], to: ['a'] };

async function folder(t: { teardown: (end: () => Promise<void>) => void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'recording-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

test('what is heard comes back from its line as it was', (t) => {
  const all: Heard[] = [
    ...KINDS.map((kind) => message(5, 'A', 'B', kind)),
    { type: 'transition', atMs: 6, from: 'A', transition },
    { type: 'bus', atMs: 7, connected: false },
  ];
  for (const heard of all) t.deepEqual(readLine(lineOf(heard)), heard);
  t.deepEqual(readHead(JSON.stringify(HEAD)), HEAD);
});

test('a line that nobody could have said is none', (t) => {
  const line = JSON.parse(lineOf(message(5, 'A', 'all', 'beat')));
  t.not(readLine(JSON.stringify(line)), undefined);
  for (const changes of [{ from: 'a.b' }, { kind: 'nonsense' }, { atMs: -1 }, { body: {} }, { body: null }])
    t.is(readLine(JSON.stringify({ ...line, ...changes })), undefined, JSON.stringify(changes));
  for (const text of ['', 'junk', '{}', '[]', 'null']) t.is(readLine(text), undefined, text);
});

test('a recording holds all that was taken once it is closed, and is for its owner alone', async (t) => {
  const file = join(await folder(t), 'r.jsonl');
  const recorder = await Recorder.open(file, HEAD, (text) => t.fail(text));
  for (let seq = 0; seq < 1000; seq += 1) recorder.take(message(1000 + seq, 'A', 'all', 'beat'));
  await recorder.close();
  recorder.take(message(9, 'A', 'all', 'beat'));
  t.is((await readFile(file, 'utf8')).trimEnd().split('\n').length, 1001);
  t.is((await stat(file)).mode & 0o077, 0);
  const recording = await readRecording(file);
  t.like(recording, { room: 'hall', fromMs: 1000, toMs: 1999, unread: 0 });
});

test('a file that is there already is not written over', async (t) => {
  const file = join(await folder(t), 'r.jsonl');
  await writeFile(file, 'dear');
  const error = await t.throwsAsync(
    Recorder.open(file, HEAD, () => undefined),
    { instanceOf: RecordingError },
  );
  t.is(error?.code, 'recording.exists');
  t.is(await readFile(file, 'utf8'), 'dear');
  const nowhere = join(file, 'r.jsonl');
  const failed = await t.throwsAsync(
    Recorder.open(nowhere, HEAD, () => undefined),
    { instanceOf: RecordingError },
  );
  t.is(failed?.code, 'recording.failed');
});

test('a recording that has grown to its bound ends, says so once, and can be read', async (t) => {
  const file = join(await folder(t), 'r.jsonl');
  const told: string[] = [];
  const recorder = await Recorder.open(file, HEAD, (text) => told.push(text), 10_000);
  for (let seq = 0; seq < 1000; seq += 1) recorder.take(message(1000 + seq, 'A', 'all', 'beat'));
  await recorder.close();
  t.is(told.length, 1);
  t.true((await stat(file)).size <= 10_000);
  t.is((await readRecording(file)).unread, 0);
});

test('a recording that was cut short is read as far as it goes; what is none is refused', async (t) => {
  const path = await folder(t);
  const file = join(path, 'r.jsonl');
  const lines = [JSON.stringify(HEAD), lineOf(message(1500, 'A', 'all', 'profile')), '{"atMs":17'];
  await writeFile(file, lines.join('\n'));
  const recording = await readRecording(file);
  t.is(recording.unread, 1);
  t.is(recording.events.length, 1);
  for (const [text, code] of [
    ['', 'recording.invalid'],
    ['junk\n', 'recording.invalid'],
    ['{"recording":"rpr.v9"}\n', 'recording.invalid'],
  ] as const) {
    await writeFile(file, text);
    const error = await t.throwsAsync(readRecording(file), { instanceOf: RecordingError });
    t.is(error?.code, code);
  }
  const missing = await t.throwsAsync(readRecording(join(path, 'none')), { instanceOf: RecordingError });
  t.is(missing?.code, 'recording.missing');
});

/** A comes at 1 s, B at 2 s, then A leaves at 4 s, and B is never heard again until C comes at 20 s. */
const HEARD: readonly Heard[] = [
  message(1000, 'A', 'all', 'profile'),
  { type: 'transition', atMs: 1500, from: 'A', transition },
  message(2000, 'B', 'all', 'profile'),
  message(4000, 'A', 'all', 'bye'),
  message(20_000, 'C', 'all', 'profile'),
];

test('a recording knows the room at each moment, whichever way one goes through it', (t) => {
  const recording = new Recording(HEAD, HEARD, 0);
  const idsAt = (atMs: number) =>
    recording
      .at(atMs)
      .picture()
      .peers.map(({ id }) => id)
      .join('');
  const moments: readonly (readonly [number, string])[] = [
    ...([
      [999, ''],
      [1000, 'A'],
      [1999, 'A'],
      [2000, 'AB'],
      [3999, 'AB'],
      [4000, 'B'],
      [6500, ''],
    ] as const),
    ...([
      [20_000, 'C'],
      [4100, 'B'],
      [1200, 'A'],
      [20_000, 'C'],
      [0, ''],
    ] as const),
  ];
  for (const [atMs, ids] of moments) t.is(idsAt(atMs), ids, `${atMs}`);
  t.deepEqual([...recording.at(1600).machines.keys()], ['A']);
  t.deepEqual(
    recording.events.map((event) => event.what),
    ['joined', 'joined', 'left', 'left', 'joined'],
  );
  t.like(recording.events[3], { peer: 'B', why: 'silent' });
});

test('who falls silent while others speak is lost at its time', (t) => {
  const beats = Array.from({ length: 60 }, (_, place) => message(1100 + 100 * place, 'B', 'all', 'beat'));
  const first = [message(1000, 'A', 'all', 'profile'), message(1000, 'B', 'all', 'profile')];
  const { events } = new Recording(HEAD, [...first, ...beats], 0);
  t.deepEqual(events.slice(2), [{ what: 'left', atMs: 4600, peer: 'A', why: 'silent' }]);
});

test('time that was set back stands still, and years of silence cost no more than a minute', (t) => {
  const startedMs = performance.now();
  const recording = new Recording(
    HEAD,
    [...HEARD, message(500, 'D', 'all', 'profile'), message(8e15, 'E', 'all', 'profile')],
    0,
  );
  t.is(recording.toMs, 8e15);
  t.deepEqual(
    recording
      .at(20_000)
      .picture()
      .peers.map(({ id }) => id),
    ['C', 'D'],
  );
  t.true(performance.now() - startedMs < 5000);
});
