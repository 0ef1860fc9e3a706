/** The short form of `npm run fuzz`: the same inputs each time. */
import test from 'ava';
import { drawn } from '../extent.ts';
import { withKept } from './corpus.ts';
import { play } from './play.ts';
import { TARGETS } from './targets.ts';

const SEED = 1;
const RUNS = drawn(500, 1500);

for (const target of TARGETS) {
  test(`${target.name}: whatever comes is read, or refused, and nothing breaks`, (t) => {
    const finding = play(withKept(target), SEED, RUNS);
    t.is(finding && `${Buffer.from(finding.bytes).toString('hex')}: ${finding.error}`, undefined);
  });
}

test('a parser that breaks is found, with as little as it takes', (t) => {
  const fragile = {
    name: 'fragile',
    corpus: [Buffer.from('{"length":12,"name":"camera"}')],
    check: (bytes: Uint8Array) => {
      if (Buffer.from(bytes).includes('-1')) throw new Error('negative');
    },
  };
  const finding = play(fragile, SEED, RUNS);
  t.is(Buffer.from(finding?.bytes ?? []).toString(), '-1');
});
