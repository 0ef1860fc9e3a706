/** Plays a scenario as the tests do: a short settled window, and what went wrong in words. */

import { judgementOf, type Verdict } from './judging/verdict.ts';
import { runScenario } from './playing/run-scenario.ts';
import type { Scenario } from './scenario.ts';

const SECONDS = 1;

export async function playAndJudge(
  scenario: Scenario,
): Promise<{ readonly verdict: Verdict; readonly flaws: readonly string[] }> {
  const run = await runScenario(scenario, { seconds: SECONDS });
  const { verdict, findings } = judgementOf(run);
  const lossy = verdict.pairs.filter(({ lost, duplicates }) => lost > 0 || duplicates > 0);
  const flaws = [
    ...run.unsettled.map((text) => `not settled: ${text}`),
    ...findings.filter(({ met }) => !met).map(({ text }) => `not seen: ${text}`),
    ...lossy.map((pair) => JSON.stringify(pair)),
    ...verdict.peers
      .filter(({ id }) => verdict.overCapacity.includes(id))
      .map(({ id, uploadBps, peakSendBps }) => `${id} sent ${peakSendBps} bit/s of ${uploadBps}`),
  ];
  return { verdict, flaws };
}
