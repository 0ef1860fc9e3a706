/**
 * The command `npm run test:mutants`: puts small faults into the machines and the actors, one at a time and in copies of the
 * project, runs the tests that could see each, and tells which no test has seen.
 */
import { availableParallelism } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { wholeNumber } from '../simulation/command/options.ts';
import { chooseFaults } from './faults/choice.ts';
import { type Fault, nameOf } from './faults/fault.ts';
import { GuardError } from './faults/guard-fault.ts';
import { Progress } from './progress.ts';
import { isGoodEnough, reportText } from './report.ts';
import { UnsoundTestError } from './trying/sound-run.ts';
import { inOrder, tryFaults, type Verdict } from './trying/trial.ts';

/** So many that a share of them says something, and that one can wait for. */
const COUNT = 60;
/** More processes than this are more than any machine has cores for. */
const JOBS = { least: 1, most: 256 };
const EXIT_SURVIVED = 1;
const EXIT_BAD_INPUT = 2;
/** As shells tell of a program that SIGINT has ended. */
const EXIT_INTERRUPTED = 130;

interface Options {
  readonly seed: number;
  readonly count: number;
  readonly file: string;
  readonly guards: boolean;
  readonly jobs: number;
  readonly list?: true;
  readonly json?: true;
}

async function main(argv: readonly string[]): Promise<void> {
  const command = new Command('npm run test:mutants --')
    .description('Puts small faults into machines/ and actors/, one at a time, and tells which of them no test sees.')
    .option('--seed <n>', 'another seed draws other faults', wholeNumber({ least: 0, most: 0xffff_ffff }), 1)
    .option(
      '--count <n>',
      'faults drawn from all that there are; those of test/mutants/guards.ts come on top',
      wholeNumber({ least: 0, most: 1_000_000 }),
      COUNT,
    )
    .option('--file <text>', 'only in files whose path holds this text: negotiation/', '')
    .option('--guards', 'only the faults of test/mutants/guards.ts', false)
    .addOption(
      new Option('--jobs <n>', 'copies of the project that are tried at the same time')
        .argParser(wholeNumber(JOBS))
        .default(availableParallelism(), 'one for each core'),
    )
    .option('--list', 'tell which faults would be tried, and try none')
    .option('--json', 'print what became of each fault as one JSON document as the last line')
    .addHelpText('after', '\nIt fails where a guard survives, or more than one fault in ten.')
    .exitOverride();
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    return;
  }
  try {
    await run(command.opts<Options>());
  } catch (error) {
    if (!(error instanceof GuardError || error instanceof UnsoundTestError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_BAD_INPUT;
  }
}

async function run({ seed, count, file, guards, jobs, list, json }: Options): Promise<void> {
  const faults = await chooseFaults({ file, guardsOnly: guards, seed, count });
  if (faults.length === 0) {
    process.stderr.write(
      `There is no fault to try in a file whose path holds ${JSON.stringify(file)}; --list tells all.\n`,
    );
    process.exitCode = EXIT_BAD_INPUT;
    return;
  }
  if (list) process.stdout.write(`${faults.map(nameOf).join('\n')}\n`);
  else await tryAndReport(faults, jobs, json ?? false);
}

async function tryAndReport(faults: readonly Fault[], jobs: number, json: boolean): Promise<void> {
  const interrupt = new AbortController();
  // A second one ends the process as it would any other.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const progress = new Progress();
  const verdicts: Verdict[] = [];
  const onTimed = (done: number, all: number, test: string) => progress.show(done, all, `${test} without a fault`);
  const onTried = (verdict: Verdict) => {
    verdicts.push(verdict);
    const became = verdict.seenBy === null ? 'survived' : `killed by ${verdict.seenBy}`;
    progress.show(verdicts.length, faults.length, `${nameOf(verdict.fault)}  ${became}`);
  };
  try {
    await tryFaults({ faults, jobs, signal: interrupt.signal, onTimed, onTried });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    progress.end();
  }
  const ordered = inOrder(verdicts, faults);
  process.stdout.write(`${reportText(ordered)}\n`);
  if (json)
    process.stdout.write(
      `${JSON.stringify(ordered.map((verdict) => ({ name: nameOf(verdict.fault), ...verdict })))}\n`,
    );
  if (interrupt.signal.aborted) {
    process.stderr.write(`Interrupted: ${verdicts.length} of ${faults.length} faults have been tried.\n`);
    process.exitCode = EXIT_INTERRUPTED;
  } else if (!isGoodEnough(verdicts)) process.exitCode = EXIT_SURVIVED;
}

await main(process.argv.slice(2));
