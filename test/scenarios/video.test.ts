import test from 'ava';
import { ensureProgram } from '../../infra/setup/program.ts';
import { SCENARIOS } from './catalogue.ts';
import { playAndJudge } from './play-and-judge.ts';

const missing = await ensureProgram('ffmpeg').then(
  () => null,
  (error: unknown) => String(error),
);
const withFfmpeg = missing === null ? test : test.skip;

withFfmpeg(
  `frames decoded behind a relay equal those received directly${missing === null ? '' : ` (${missing})`}`,
  async (t) => {
    t.timeout(120_000);
    const scenario = SCENARIOS.find(({ name }) => name === 'video');
    if (scenario === undefined) return t.fail('the scenario is gone');
    const { verdict, flaws } = await playAndJudge(scenario);
    t.deepEqual(flaws, []);
    t.true(verdict.ok);
  },
);
