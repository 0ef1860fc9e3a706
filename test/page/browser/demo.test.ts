/** The scenario that plays in a browser: `npm run demo -- browser`. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCENARIOS } from '../../scenarios/catalogue.ts';
import { judgementOf } from '../../scenarios/judging/verdict.ts';
import { runScenario } from '../../scenarios/playing/run-scenario.ts';
import { inChromium } from './call-test.ts';

/** What every PNG file begins with. */
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

inChromium('three pages: all is delivered, the poor one is relayed, and every picture moves', async (t) => {
  const scenario = SCENARIOS.find(({ name }) => name === 'browser');
  if (scenario === undefined) return t.fail('the scenario is gone');
  const folder = await mkdtemp(join(tmpdir(), 'rpr-picture-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const picture = join(folder, 'page.png');
  const run = await runScenario(scenario, { seconds: 2, picture });
  const { verdict, findings } = judgementOf(run);
  t.deepEqual([...run.unsettled, ...findings.filter(({ met }) => !met)], []);
  t.deepEqual(
    verdict.pairs.filter(({ lost, duplicates }) => lost > 0 || duplicates > 0),
    [],
  );
  t.true(verdict.ok);
  t.is(verdict.relayMs.length, 1);
  const pictures = verdict.pairs.filter(({ stream }) => stream.startsWith('camera'));
  t.is(pictures.length, 6);
  t.true(pictures.every(({ framesDecoded = 0 }) => framesDecoded >= 10));
  t.true((await readFile(picture)).subarray(0, PNG.length).equals(PNG));
});
