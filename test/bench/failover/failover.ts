/**
 * The command `npm run bench:failover`: for how long receivers go without a packet when their relay goes, and what they miss. Each run
 * is a room of its own, every peer a process.
 */
import { whyNoLab } from '../../network/available.ts';
import type { Dilation } from '../../network/dilation/dilation.ts';
import { runBenchmark, say } from '../cases-command.ts';
import { FAILOVERS, KINDS, type Kind } from './kinds.ts';
import { type Row, type Run, rowOf, tableOf, textOf } from './report.ts';
import { runOnce } from './run.ts';

const RUNS = 20;
/** Five peers and the lab's wires take two cores whole: four times as slow, they have time. */
const SLOWNESS = 4;

async function measure(kind: Kind, count: number, dilation: Dilation, signal: AbortSignal): Promise<Row> {
  say(`${kind}: ${FAILOVERS[kind].about}`);
  const runs: Run[] = [];
  for (let number = 0; number < count; number++) {
    const run = await runOnce(kind, dilation, signal);
    say(`${kind}: ${textOf(run)}`);
    runs.push(run);
  }
  return rowOf(kind, dilation.factor, runs);
}

await runBenchmark({
  script: 'bench:failover',
  description: 'How long receivers go without a packet when their relay goes. In a network lab where there is root.',
  ...{ noun: 'kind', cases: KINDS.map((name) => ({ name })), runs: RUNS },
  whyNone: async () => {
    if (whyNoLab !== undefined) say(`on loopback: ${whyNoLab}`);
    return undefined;
  },
  slowness: SLOWNESS,
  measure: async ({ name }, runs, signal, dilation) => [await measure(name, runs, dilation, signal)],
  rowOf: (row) => row,
  tableOf,
});
