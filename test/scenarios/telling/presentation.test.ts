import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { agreement, pair, run, snapshot } from '../judging/made-up.ts';
import type { RunRecord } from '../judging/record.ts';
import { judgementOf } from '../judging/verdict.ts';
import { present } from './presentation.ts';

const shown = (record: RunRecord, colours = false) => present(record, judgementOf(record), colours);

function bigRoom(size: number): RunRecord {
  const ids = Array.from({ length: size }, (_, index) => `P${index}`);
  const pairs = ids.flatMap((source) =>
    ids.filter((id) => id !== source).map((receiver) => pair(source, receiver, { via: ['direct', 'P1'] })),
  );
  return run({ present: ids, pairs, reports: [snapshot(Object.fromEntries(ids.map((id) => [id, {}])))] });
}

test('who got what through whom, what it cost, and the verdict', (t) => {
  const agreements = [agreement('A', 'B', ['C'])];
  const record = run({
    present: ['A', 'B', 'C'],
    reports: [snapshot({ A: { agreements }, B: {}, C: { compatible: false } })],
    pairs: [
      ...[pair('A', 'B'), pair('A', 'C', { via: ['B'] }), pair('B', 'A'), pair('B', 'C')],
      pair('C', 'A', { received: 97, lost: 3 }),
      pair('C', 'B', { received: 0, lost: 100, via: [] }),
    ],
  });
  t.is(
    shown(record),
    `Scenario test: made up

Delivery over 5 s, settled (row: source, column: receiver)
     A               B        C
  A  -               direct   via B
  B  direct          -        direct
  C  direct, 3 lost  missing  -

Upload
     has       busiest second                               roles
  A  5 Mbit/s  2 Mbit/s        ████████░░░░░░░░░░░░   40 %  client
  B  5 Mbit/s  2 Mbit/s        ████████░░░░░░░░░░░░   40 %  relay
  C  5 Mbit/s  2 Mbit/s        ████████░░░░░░░░░░░░   40 %  plain RTP

What must be seen
  ✘ 4 of 6 pairs without loss, 600 packets
  ✔ nobody sent more than it has

Verdict: FAILED`,
  );
});

test('where somebody shows more than a camera, each stream has a row', (t) => {
  const voice = { stream: 'voice' };
  const pairs = [
    ...[pair('A', 'B'), pair('A', 'B', { ...voice, via: ['R'] })],
    ...[pair('B', 'A'), pair('B', 'A', { ...voice, received: 99, lost: 1 })],
  ];
  t.true(
    shown(run({ pairs })).includes(`settled (row: stream, column: receiver)
            A               B
  A camera  -               direct
  A voice   -               via R
  B camera  direct          -
  B voice   direct, 1 lost  -
`),
  );
});

test('rooms of any size fit 80 columns', (t) => {
  for (const size of [2, 4, 8, 12]) {
    for (const line of shown(bigRoom(size)).split('\n')) t.true(line.length <= 80, `${line.length}: ${line}`);
  }
});

test('colours change no text', (t) => {
  const plain = shown(bigRoom(3));
  const coloured = shown(bigRoom(3), true);
  t.not(coloured, plain);
  t.is(stripVTControlCharacters(coloured), plain);
});
