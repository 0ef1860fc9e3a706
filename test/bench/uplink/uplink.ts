/**
 * The command `npm run bench:uplink`: how near a peer comes to what its line carries, how soon, and what it fills the line's queue with.
 * Each run is a lab and a room of its own, every peer a process.
 */
import { findExecutable } from '../../../infra/setup/executable.ts';
import { whyNoLab } from '../../network/available.ts';
import { SYSTEM } from '../../network/parts/space.ts';
import { runBenchmark, say } from '../cases-command.ts';
import { CASES, type RoomCase, type Trouble, type UplinkCase } from './cases.ts';
import { type Judged, medianRows, tableOf } from './report.ts';
import { playRoom } from './room.ts';
import { runOnce } from './run.ts';

const RUNS = 5;

type Played = UplinkCase | RoomCase;

async function measure(played: Played, count: number, signal: AbortSignal): Promise<Judged[]> {
  const runs: Judged[][] = [];
  for (let number = 0; number < count; number++) {
    const judged = await ('lines' in played ? playRoom(played, signal) : runOnce(played, signal));
    for (const { row } of judged) {
      const { atS, estimateBps, errorPct, queueP95Ms, lossPct } = row;
      say(`${row.case}: ${estimateBps} bit/s at ${atS} s, ${errorPct} %, queue ${queueP95Ms} ms, loss ${lossPct} %`);
    }
    runs.push(judged);
  }
  return medianRows(runs);
}

async function whyNone(): Promise<string | undefined> {
  if (whyNoLab !== undefined) return whyNoLab;
  return (await findExecutable('tc', SYSTEM)) ? undefined : 'no tc here: on Debian it is in iproute2';
}

/** The programs of others that a case plays with; on Debian in packages of the same names. */
const PROGRAMS: Partial<Record<Trouble, string>> = { tcp: 'iperf3', ignores: 'ffmpeg' };

async function whyNot(played: Played): Promise<string | undefined> {
  const trouble = 'trouble' in played ? played.trouble : undefined;
  const program = trouble && PROGRAMS[trouble];
  if (program === undefined || (await findExecutable(program, SYSTEM)) !== undefined) return undefined;
  return `no ${program} in the network lab: on Debian it is in ${program}`;
}

await runBenchmark({
  script: 'bench:uplink',
  description: 'How near a peer comes to what its line carries, and how soon. In a network lab: Linux, as root.',
  ...{ noun: 'case', cases: CASES, runs: RUNS },
  ...{ whyNone, whyNot, measure, tableOf },
  rowOf: ({ row }) => row,
});
