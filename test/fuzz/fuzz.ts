/**
 * The command `npm run fuzz`: garbled inputs for every parser of network bytes, for as long as is wanted. What gets further into the
 * code than all before is garbled again, and kept where that is asked for.
 */
import { Command } from 'commander';
import { wholeNumber } from '../simulation/command/options.ts';
import { ProgressBar } from '../simulation/command/progress-bar.ts';
import { keep, withKept } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { BATCH, Explorer } from './explorer.ts';
import type { Finding } from './play.ts';

const OURS = /\/(?:actors|machines|infra)\/[^?]*\.ts/;

// Before anything of ours is compiled.
const coverage = Coverage.start((url) => OURS.test(url));
const { TARGETS } = await import('./targets.ts');

const program = new Command('npm run fuzz --')
  .description('Garbled inputs for every parser of network bytes. Exit code 1 where one does not bear them.')
  .argument('[targets...]', `some of: ${TARGETS.map(({ name }) => `"${name}"`).join(', ')}; left out: all`)
  .option('--seconds <n>', 'for each target', wholeNumber({ least: 1, most: 86_400 }), 20)
  .option('--seed <n>', 'of what is random', wholeNumber({ least: 0, most: 1_000_000_000 }), 1)
  .option('--keep', 'keep inputs that get further than all before in test/fuzz/corpus')
  .parse();
const { seconds, seed, keep: keeps } = program.opts<{ seconds: number; seed: number; keep?: true }>();
const unknown = program.args.find((name) => !TARGETS.some((target) => target.name === name));
if (unknown !== undefined) program.error(`error: there is no target "${unknown}". The help names them all.`);
const targets = TARGETS.filter(({ name }) => program.args.length === 0 || program.args.includes(name));

const bar = new ProgressBar();
const findings: Finding[] = [];
for (const [index, target] of targets.entries()) {
  const startedAt = performance.now();
  const explorer = new Explorer(withKept(target), coverage, seed);
  const before = explorer.corpus.length;
  let inputs = 0;
  let finding: Finding | undefined;
  while (finding === undefined && performance.now() - startedAt < 1000 * seconds) {
    bar.show((index + (performance.now() - startedAt) / (1000 * seconds)) / targets.length, target.name);
    finding = explorer.explore();
    inputs += BATCH;
  }
  bar.end();
  const further = `${explorer.corpus.length - before} got further than all before`;
  const verdict = finding === undefined ? 'none broke it' : 'BROKEN';
  process.stdout.write(`${target.name}: ${inputs} inputs, ${further}, ${verdict}\n`);
  if (keeps) keep(target, coverage, explorer.corpus);
  if (finding === undefined) continue;
  findings.push(finding);
  process.stdout.write(`  ${Buffer.from(finding.bytes).toString('hex')}\n  ${finding.error}\n`);
}
process.exit(findings.length > 0 ? 1 : 0);
