import test from 'ava';
import { findExecutable } from '../../infra/setup/executable.ts';
import { SCENARIOS } from './catalogue.ts';
import { playAndJudge } from './play-and-judge.ts';

// `npm run demo -- sip` would install them.
const missing: string[] = [];
for (const program of ['baresip', 'ffmpeg']) {
  if ((await findExecutable(program, process.env)) === undefined) missing.push(program);
}
const withPhone = missing.length === 0 ? test : test.skip;

withPhone(`a real phone goes on showing whom it has dialled when the relay dies${why()}`, async (t) => {
  t.timeout(120_000);
  const scenario = SCENARIOS.find(({ name }) => name === 'sip');
  if (scenario === undefined) return t.fail('the scenario is gone');
  const { verdict, flaws } = await playAndJudge(scenario);
  t.deepEqual(flaws, []);
  t.true(verdict.ok);
});

function why(): string {
  return missing.length === 0 ? '' : ` (no ${missing.join(', no ')})`;
}
