/**
 * The command `npm run bench:reach`: how soon two peers hear each other through routers of every kind, in a network lab. Each run starts
 * processes of its own.
 */
import { whyNoLab, whyNoServer } from '../../network/available.ts';
import { runBenchmark, say } from '../cases-command.ts';
import { CASES, type ReachCase } from './cases.ts';
import type { Run } from './play.ts';
import { type Row, rowOf, tableOf, textOf } from './report.ts';
import { runOnce } from './run.ts';
import { takeSeats } from './seats.ts';

const RUNS = 20;

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

await runBenchmark({
  script: 'bench:reach',
  description: 'How soon media comes both ways between two peers behind routers of every kind. Linux, as root.',
  ...{ noun: 'case', cases: CASES, runs: RUNS },
  whyNone: async () => whyNoLab,
  whyNot: async (reachCase) => whyNot(reachCase),
  measure: async (reachCase, runs, signal) => [
    { row: await measure(reachCase, runs, signal), limitMs: reachCase.limitMs },
  ],
  rowOf: ({ row }) => row,
  tableOf,
});
