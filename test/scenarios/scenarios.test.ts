/** Every scenario that needs nothing but NATS and little time, played with a short settled window. */
import test from 'ava';
import { SCENARIOS } from './catalogue.ts';
import { playAndJudge } from './play-and-judge.ts';
import { hasPage, streamsOf } from './scenario.ts';

/** `npm run test:network` plays these: they need root. */
const needsLab = SCENARIOS.filter(({ sites }) => sites !== undefined);
const needsFfmpeg = SCENARIOS.filter(({ peers }) => peers.some(({ source }) => source === 'video'));

/** Twelve processes take half a minute and both cores of a small machine: `npm run demo -- big` plays it. */
const TOO_BIG = 'big';

/** `npm run test:page` plays these. */
const needsBrowser = SCENARIOS.filter(({ peers }) => peers.some(hasPage));

const LEFT_OUT = [...needsFfmpeg, ...needsLab, ...needsBrowser];

for (const scenario of SCENARIOS.filter((each) => !LEFT_OUT.includes(each) && each.name !== TOO_BIG)) {
  // One after the other: two rooms at once would take the processor from each other's packets.
  test.serial(`${scenario.name}: ${scenario.title}`, async (t) => {
    t.timeout(90_000);
    const { verdict, flaws } = await playAndJudge(scenario);
    t.deepEqual(flaws, []);
    t.is(verdict.scenario, scenario.name);
    t.true(verdict.ok);
    t.is(verdict.delivered, 1);
    t.deepEqual(verdict.overCapacity, []);
    t.true(verdict.relayMs.length > 0);
    const stayed = new Set(verdict.pairs.map(({ receiver }) => receiver)).size;
    const streams = scenario.peers
      .filter(({ id }) => verdict.pairs.some(({ source }) => source === id))
      .flatMap((spec) => streamsOf(spec));
    t.is(verdict.pairs.length, streams.length * (stayed - 1));
    t.is(
      verdict.gapMs !== null,
      scenario.steps.some((step) => step.do === 'leave' || step.do === 'kill'),
    );
  });
}
