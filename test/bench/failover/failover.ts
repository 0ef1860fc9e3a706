/**
 * The command `npm run bench:failover`: for how long receivers go without a packet when their relay goes, and what they miss. Each run
 * is a room of its own, every peer a process.
 */
import { Command, Option } from 'commander';
import { whyNoLab } from '../../network/available.ts';
import { wholeNumber } from '../../simulation/options.ts';
import { FAILOVERS, KINDS, type Kind } from './kinds.ts';
import { type Row, type Run, rowOf, tableOf, textOf } from './report.ts';
import { runOnce } from './run.ts';

const RUNS = 20;
const MOST_RUNS = 1_000;
const FAILED = 1;
/** 128 + SIGINT. */
const INTERRUPTED = 130;

interface Options {
  readonly json?: true;
  readonly runs: number;
  readonly kind: readonly Kind[];
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

async function measure(kind: Kind, count: number, signal: AbortSignal): Promise<Row> {
  const runs: Run[] = [];
  for (let number = 0; number < count; number++) {
    const run = await runOnce(kind, signal);
    say(`${kind}: ${textOf(run)}`);
    runs.push(run);
  }
  return rowOf(kind, runs);
}

async function main({ json, runs, kind: kinds }: Options): Promise<void> {
  if (whyNoLab !== undefined) say(`on loopback: ${whyNoLab}`);
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort(new Error('interrupted')));
  const rows: Row[] = [];
  for (const kind of KINDS.filter((name) => kinds.length === 0 || kinds.includes(name))) {
    say(`${kind}: ${FAILOVERS[kind].about}`);
    try {
      rows.push(await measure(kind, runs, interruption.signal));
    } catch (error) {
      if (interruption.signal.aborted) process.exit(INTERRUPTED);
      say(`${kind} could not be played: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = FAILED;
    }
  }
  process.stdout.write(json ? `${JSON.stringify({ rows })}\n` : `${tableOf(rows)}\n`);
}

await new Command('npm run bench:failover --')
  .description('How long receivers go without a packet when their relay goes. In a network lab where there is root.')
  .option('--json', 'print the rows as one JSON document as the last line')
  .option('--runs <n>', 'how often each kind is played', wholeNumber({ least: 1, most: MOST_RUNS }), RUNS)
  .addOption(new Option('--kind <names...>', 'some of the kinds').choices(KINDS).default([], 'all of them'))
  .action(main)
  .parseAsync();
