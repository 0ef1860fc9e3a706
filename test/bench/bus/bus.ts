/** The command `npm run bench:bus`: what rooms of several sizes cost a NATS server, and their peers, for being there. */
import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import { Command } from 'commander';
import { MAX_MEMBERS } from '../../../machines/messages.ts';
import { wholeNumber } from '../../simulation/command/options.ts';
import { sizesOption } from '../options.ts';
import { type BusRow, measureBus } from './measurement.ts';

const SIZES = [10, 50, 100, 250];

const program = new Command('bench:bus')
  .description(
    'Peers without media over a real NATS server: messages and bytes at rest, for a join and for the return after an outage.',
  )
  .option('--json', 'end with one line of JSON')
  .addOption(sizesOption('sizes of the rooms', SIZES, { least: 2, most: MAX_MEMBERS }))
  .option(
    '--processes <n>',
    'how many processes the peers share',
    wholeNumber({ least: 1, most: 64 }),
    Math.max(2, availableParallelism()),
  )
  .option('--seconds <n>', 'how long a room is measured at rest, at least', wholeNumber({ least: 1, most: 600 }), 10)
  .option('--joins <n>', 'how often one joins', wholeNumber({ least: 1, most: 100 }), 3)
  .parse();
const { json, ...options } = program.opts<{
  json?: true;
  peers: readonly number[];
  processes: number;
  seconds: number;
  joins: number;
}>();

const say = (line: string) => void process.stderr.write(`${line}\n`);
const rows: BusRow[] = [];
for (const peers of options.peers) rows.push(await measureBus({ ...options, peers, say }));
process.stdout.write(`${tableOf(rows)}\n`);
if (json) process.stdout.write(`${JSON.stringify({ rows })}\n`);

function tableOf(rows: readonly BusRow[]): string {
  const table = new Table({
    head: ['peers', 'at rest, MB/s', 'messages/s', 'CPU, ms a peer a second', 'a join, messages', 'a return, messages'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    table.push([
      row.peers,
      (row.restBytesPerS / 1e6).toFixed(3),
      Math.round(row.restMessagesPerS),
      row.cpuMsPerPeerPerS.toFixed(2),
      `${row.joinMessages} (${(row.joinMessages / row.peers).toFixed(1)} N)`,
      `${row.returnMessages} (${(row.returnMessages / row.peers).toFixed(1)} N)`,
    ]);
  }
  return table.toString();
}
