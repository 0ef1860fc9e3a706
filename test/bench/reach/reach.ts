/**
 * The command `npm run bench:reach`: how soon two peers hear each other through routers of every kind, in a network lab. Each run starts
 * processes of its own.
 */
import { Command, Option } from 'commander';
import { whyNoLab, whyNoServer } from '../../network/available.ts';
import { wholeNumber } from '../../simulation/options.ts';
import { CASES, type ReachCase } from './cases.ts';
import type { Run } from './play.ts';
import { type Row, rowOf, tableOf, textOf } from './report.ts';
import { runOnce } from './run.ts';
import { takeSeats } from './seats.ts';

const RUNS = 20;
const MOST_RUNS = 1_000;
const FAILED = 1;
/** 128 + SIGINT. */
const INTERRUPTED = 130;

interface Options {
  readonly json?: true;
  readonly runs: number;
  readonly case: readonly string[];
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

async function measure(reachCase: ReachCase, count: number, signal: AbortSignal): Promise<Row> {
  await using seats = await takeSeats(reachCase);
  const runs: Run[] = [];
  for (let number = 0; number < count; number++) {
    const run = await runOnce(reachCase, seats, signal);
    say(`${reachCase.name}: ${textOf(run)}`);
    runs.push(run);
  }
  return rowOf(reachCase, runs);
}

/** The server that a case needs and that is not here. */
function whyNot({ server, a, b, others = [] }: ReachCase): string | undefined {
  const isMapped = [a, b, ...others].some((seat) => typeof seat === 'object' && seat.portMapping === true);
  return (server ? whyNoServer.get('turnserver') : undefined) ?? (isMapped ? whyNoServer.get('miniupnpd') : undefined);
}

async function main({ json, runs, case: names }: Options): Promise<void> {
  if (whyNoLab !== undefined) {
    say(whyNoLab);
    process.exitCode = FAILED;
    return;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort(new Error('interrupted')));
  const rows: { row: Row; limitMs: number | null }[] = [];
  for (const reachCase of CASES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const reason = whyNot(reachCase);
    if (reason !== undefined) {
      say(`${reachCase.name} is left out: ${reason}`);
      continue;
    }
    try {
      rows.push({ row: await measure(reachCase, runs, interruption.signal), limitMs: reachCase.limitMs });
    } catch (error) {
      if (interruption.signal.aborted) process.exit(INTERRUPTED);
      say(`${reachCase.name} could not be played: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = FAILED;
    }
  }
  process.stdout.write(json ? `${JSON.stringify({ rows: rows.map(({ row }) => row) })}\n` : `${tableOf(rows)}\n`);
}

await new Command('npm run bench:reach --')
  .description('How soon media comes both ways between two peers behind routers of every kind. Linux, as root.')
  .option('--json', 'print the rows as one JSON document as the last line')
  .option('--runs <n>', 'how often each case is played', wholeNumber({ least: 1, most: MOST_RUNS }), RUNS)
  .addOption(
    new Option('--case <names...>', 'some of the cases')
      .choices(CASES.map(({ name }) => name))
      .default([], 'all of them'),
  )
  .action(main)
  .parseAsync();
