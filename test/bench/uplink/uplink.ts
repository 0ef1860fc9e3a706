/**
 * The command `npm run bench:uplink`: how near a peer comes to what its line carries, how soon, and what it fills the line's queue with.
 * Each run is a lab and a room of its own, every peer a process.
 */
import { Command, Option } from 'commander';
import { findExecutable } from '../../../infra/setup/executable.ts';
import { whyNoLab } from '../../network/available.ts';
import { SYSTEM } from '../../network/parts/space.ts';
import { wholeNumber } from '../../simulation/options.ts';
import { CASES, type UplinkCase } from './cases.ts';
import { type Judged, medianRows, tableOf } from './report.ts';
import { runOnce } from './run.ts';

const RUNS = 5;
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

async function measure(uplinkCase: UplinkCase, count: number, signal: AbortSignal): Promise<Judged[]> {
  const runs: Judged[][] = [];
  for (let number = 0; number < count; number++) {
    const judged = await runOnce(uplinkCase, signal);
    for (const { row } of judged) {
      const { atS, estimateBps, errorPct, queueP95Ms, lossPct } = row;
      say(`${row.case}: ${estimateBps} bit/s at ${atS} s, ${errorPct} %, queue ${queueP95Ms} ms, loss ${lossPct} %`);
    }
    runs.push(judged);
  }
  return medianRows(runs);
}

async function whyNot({ trouble }: UplinkCase): Promise<string | undefined> {
  if (trouble !== 'tcp' || (await findExecutable('iperf3', SYSTEM)) !== undefined) return undefined;
  return 'no iperf3 in the network lab: on Debian it is in iperf3';
}

async function main({ json, runs, case: names }: Options): Promise<void> {
  const reason =
    whyNoLab ?? ((await findExecutable('tc', SYSTEM)) ? undefined : 'no tc here: on Debian it is in iproute2');
  if (reason !== undefined) {
    say(reason);
    process.exitCode = FAILED;
    return;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort(new Error('interrupted')));
  const rows: Judged[] = [];
  for (const uplinkCase of CASES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const missing = await whyNot(uplinkCase);
    if (missing !== undefined) {
      say(`${uplinkCase.name} is left out: ${missing}`);
      continue;
    }
    try {
      rows.push(...(await measure(uplinkCase, runs, interruption.signal)));
    } catch (error) {
      if (interruption.signal.aborted) process.exit(INTERRUPTED);
      say(`${uplinkCase.name} could not be played: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = FAILED;
    }
  }
  process.stdout.write(json ? `${JSON.stringify({ rows: rows.map(({ row }) => row) })}\n` : `${tableOf(rows)}\n`);
}

await new Command('npm run bench:uplink --')
  .description('How near a peer comes to what its line carries, and how soon. In a network lab: Linux, as root.')
  .option('--json', 'print the rows as one JSON document as the last line')
  .option('--runs <n>', 'how often each case is played', wholeNumber({ least: 1, most: MOST_RUNS }), RUNS)
  .addOption(
    new Option('--case <names...>', 'some of the cases')
      .choices(CASES.map(({ name }) => name))
      .default([], 'all of them'),
  )
  .action(main)
  .parseAsync();
