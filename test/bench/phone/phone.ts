/** The command `npm run bench:phone`: what SIP phones, which nobody here has written, get of a room. */
import Table from 'cli-table3';
import { findExecutable } from '../../../infra/setup/executable.ts';
import { runBenchmark, say } from '../cases-command.ts';
import { CASES } from './cases.ts';
import { type Outcome, type PhoneCase, type Row, rowOf } from './contract.ts';

interface Result {
  readonly row: Row;
  readonly asks: string;
}

async function measure(one: PhoneCase, runs: number, signal: AbortSignal): Promise<Result[]> {
  const outcomes: Outcome[] = [];
  for (let number = 0; number < runs; number++) {
    const outcome = await one.play(signal);
    say(`${one.name} (${one.phone}): ${outcome.value}${outcome.held ? '' : ', which is not as it must be'}`);
    outcomes.push(outcome);
  }
  return [{ row: rowOf(one, outcomes), asks: one.asks }];
}

async function whyNot({ phone }: PhoneCase): Promise<string | undefined> {
  if (phone !== 'sipp' || (await findExecutable('sipp', process.env)) !== undefined) return undefined;
  return 'there is no sipp here (Debian: apt-get install sip-tester).';
}

/** For a person, with what is good enough. */
function tableOf(results: readonly Result[]): string {
  const drawn = new Table({ head: ['case', 'phone', 'held', 'worst', 'of what'], style: { head: [], border: [] } });
  for (const { row, asks } of results) {
    drawn.push([row.case, row.phone, `${row.held} of ${row.runs}`, row.value, asks]);
  }
  return drawn.toString();
}

await runBenchmark({
  script: 'bench:phone',
  description:
    'What SIP phones get of a room: calls of sipp, and a real baresip and linphonec that show, hear, and go.',
  ...{ noun: 'case', cases: CASES, runs: 1, whyNot, measure, tableOf },
  rowOf: ({ row }) => row,
});
