import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { KINDS } from '../../../machines/messages.ts';
import { busMessage } from './messages.ts';
import { sequenceDiagram, writeTrace } from './trace.ts';

test('every message is an arrow with what matters of it, in the order of time', (t) => {
  const messages = [
    busMessage('end', 'all', 'profile', {}, 1000),
    busMessage('end', 'A', 'relay.request', {}, 1012.4),
    busMessage('A', 'end', 'relay.release', {}, 1030),
  ];
  t.is(
    sequenceDiagram(messages, [{ at: 1020, text: 'A; is #told' }]),
    `sequenceDiagram
  participant p0 as A
  participant p1 as end
  participant everyone
  p1->>everyone: profile 3 (5 Mbit/s, 1 Mbit/s promised, camera to B D via R) [0 ms]
  p1->>p0: relay.request C.1 r1 (camera to B, E, D (4/16)) [12 ms]
  Note over p0,everyone: A  is  told [20 ms]
  p0->>p1: relay.release C.1 (relay.leaving, in 1000 ms) [30 ms]
`,
  );
});

test('every kind of message has an arrow that names it', (t) => {
  for (const kind of KINDS) {
    t.true(sequenceDiagram([busMessage('A', 'B', kind)]).includes(`p0->>p1: ${kind}`), kind);
  }
});

test('a run without a message is a diagram too', (t) => {
  t.is(sequenceDiagram([]), 'sequenceDiagram\n  participant everyone\n');
});

test('the file is written whole: no draft of it stays', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-trace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeTrace(join(folder, 'trace.mmd'), 'sequenceDiagram\n');
  t.deepEqual(await readdir(folder), ['trace.mmd']);
  t.is(await readFile(join(folder, 'trace.mmd'), 'utf8'), 'sequenceDiagram\n');
});
