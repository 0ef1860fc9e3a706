/** The command `npm run fuzz`: garbled inputs for every parser of network bytes, for as long as is wanted. */
import { Command } from 'commander';
import { wholeNumber } from '../simulation/options.ts';
import { ProgressBar } from '../simulation/progress-bar.ts';
import { type Finding, play } from './play.ts';
import { TARGETS } from './targets.ts';

/** Between two looks at the clock. */
const RUNS_AT_ONCE = 500;

const program = new Command('npm run fuzz --')
  .description('Garbled inputs for every parser of network bytes. Exit code 1 where one does not bear them.')
  .argument('[targets...]', `some of: ${TARGETS.map(({ name }) => `"${name}"`).join(', ')}; left out: all`)
  .option('--seconds <n>', 'for each target', wholeNumber({ least: 1, most: 86_400 }), 20)
  .option('--seed <n>', 'the first seed', wholeNumber({ least: 0, most: 1_000_000_000 }), 1)
  .parse();
const { seconds, seed } = program.opts<{ seconds: number; seed: number }>();
const unknown = program.args.find((name) => !TARGETS.some((target) => target.name === name));
if (unknown !== undefined) program.error(`error: there is no target "${unknown}". The help names them all.`);
const targets = TARGETS.filter(({ name }) => program.args.length === 0 || program.args.includes(name));

const bar = new ProgressBar();
const findings: Finding[] = [];
for (const [index, target] of targets.entries()) {
  const startedAt = performance.now();
  let [runs, next] = [0, seed];
  let finding: Finding | undefined;
  while (finding === undefined && performance.now() - startedAt < 1000 * seconds) {
    bar.show((index + (performance.now() - startedAt) / (1000 * seconds)) / targets.length, target.name);
    finding = play(target, next, RUNS_AT_ONCE);
    runs += RUNS_AT_ONCE;
    next += 1;
  }
  bar.end();
  process.stdout.write(`${target.name}: ${runs} inputs, ${finding === undefined ? 'none broke it' : 'BROKEN'}\n`);
  if (finding === undefined) continue;
  findings.push(finding);
  process.stdout.write(`  ${Buffer.from(finding.bytes).toString('hex')}\n  ${finding.error}\n`);
}
process.exit(findings.length > 0 ? 1 : 0);
