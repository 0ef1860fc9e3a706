/** The command of a benchmark that plays cases, several times each: its options, its progress, and what it does where one cannot be played. */
import { Command, Option } from 'commander';
import { Dilation, REAL_TIME } from '../network/dilation/dilation.ts';
import { wholeNumber } from '../simulation/command/options.ts';

const MOST_RUNS = 1_000;
const FAILED = 1;
/** 128 + SIGINT. */
const INTERRUPTED = 130;

export interface CasesBenchmark<Case extends { readonly name: string }, Result> {
  /** What follows `npm run`. */
  readonly script: string;
  readonly description: string;
  /** What a case is called here, and the option that chooses some. */
  readonly noun: 'case' | 'kind';
  readonly cases: readonly Case[];
  /** How often each is played, where nobody says otherwise. */
  readonly runs: number;
  /** Why none can be played on this machine. */
  readonly whyNone?: () => Promise<string | undefined>;
  /** Why this one cannot. */
  readonly whyNot?: (one: Case) => Promise<string | undefined>;
  /** How many times as long all takes with `--slowed`; left out: there is no such option. */
  readonly slowness?: number;
  /** Plays a case so often; `signal` ends it early, with its reason. */
  readonly measure: (one: Case, runs: number, signal: AbortSignal, dilation: Dilation) => Promise<readonly Result[]>;
  /** What JSON tells of a result. */
  readonly rowOf: (result: Result) => object;
  readonly tableOf: (results: readonly Result[]) => string;
}

interface Options {
  readonly json?: true;
  readonly slowed?: true;
  readonly runs: number;
  readonly case?: readonly string[];
  readonly kind?: readonly string[];
}

/** Progress is no part of what is measured. */
export const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Reads the command line, plays what it asks for and prints the results. */
export async function runBenchmark<Case extends { readonly name: string }, Result>(
  benchmark: CasesBenchmark<Case, Result>,
): Promise<void> {
  const { script, description, noun, cases, runs, slowness } = benchmark;
  const command = new Command(`npm run ${script} --`)
    .description(description)
    .option('--json', 'print the rows as one JSON document as the last line')
    .option('--runs <n>', `how often each ${noun} is played`, wholeNumber({ least: 1, most: MOST_RUNS }), runs)
    .addOption(
      new Option(`--${noun} <names...>`, `some of the ${noun}s`)
        .choices([...new Set(cases.map(({ name }) => name))])
        .default([], 'all of them'),
    )
    .action((options: Options) => play(benchmark, options));
  if (slowness !== undefined) {
    const about = `let time pass ${slowness} times slower, for a room that takes more processors than there are`;
    command.option('--slowed', about);
  }
  await command.parseAsync();
}

async function play<Case extends { readonly name: string }, Result>(
  { noun, cases, whyNone, whyNot, slowness, measure, rowOf, tableOf }: CasesBenchmark<Case, Result>,
  { json, slowed, runs, [noun]: names = [] }: Options,
): Promise<void> {
  const none = await whyNone?.();
  if (none !== undefined) {
    say(none);
    process.exitCode = FAILED;
    return;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort(new Error('interrupted')));
  const dilation = slowed === undefined || slowness === undefined ? REAL_TIME : new Dilation(slowness);
  const results: Result[] = [];
  for (const one of cases.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const reason = await whyNot?.(one);
    if (reason !== undefined) {
      say(`${one.name} is left out: ${reason}`);
      continue;
    }
    try {
      results.push(...(await measure(one, runs, interruption.signal, dilation)));
    } catch (error) {
      if (interruption.signal.aborted) process.exit(INTERRUPTED);
      say(`${one.name} could not be played: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = FAILED;
    }
  }
  process.stdout.write(json ? `${JSON.stringify({ rows: results.map(rowOf) })}\n` : `${tableOf(results)}\n`);
}
