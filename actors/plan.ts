/** The command `npm run plan -- room.json`: the plan of a room that a file describes. */
import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { Command, CommanderError } from 'commander';
import { formatRate } from '../infra/units/rate.ts';
import { type Plan, type PlanInput, planRoom } from '../machines/plan.ts';
import { parseRoomFile, RoomFileError } from '../machines/planning/room-file.ts';
import { ALL_SLICES, sliceCount, sliceHex } from '../machines/slices.ts';

const STANDARD_INPUT = 0;
/** As for a wrong command line: the input must change, not the program. */
const EXIT_BAD_INPUT = 2;

const EXAMPLE = `
The room (rates in bit/s; all but "id" and "uploadBps" may be left out):
  {"headroom": 0.95, "peers": [
    {"id": "A", "uploadBps": 5000000, "lendBps": 3000000, "downloadBps": 50000000, "compatible": true,
     "wants": ["B"], "source": {"minBps": 300000, "maxBps": 2600000}}, ...]}
  headroom     the share of every upload that may be used, 0 to 1
  lendBps      the most that others may use of the upload (default: all of it)
  downloadBps  (default: unlimited)
  compatible   false: a plain RTP endpoint, which never relays (default: true)
  wants        the sources it receives (default: everybody's)
  source       what it sends; equal values are a fixed rate (default: it only receives)`;

function main(argv: readonly string[]): void {
  const command = new Command('plan')
    .description('Plan a room: the rate of every source, and who relays for whom.')
    .argument('<room.json>', 'the room; "-" reads it from standard input')
    .option('--json', 'print the plan as one line of JSON')
    .addHelpText('after', EXAMPLE)
    .exitOverride();
  try {
    command.parse(argv, { from: 'user' });
    const [file = '-'] = command.args;
    const input = parseRoomFile(readRoom(file));
    const plan = planRoom(input);
    process.stdout.write(`${command.opts<{ json?: true }>().json ? asJson(plan) : asText(input, plan)}\n`);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    } else if (error instanceof RoomFileError) {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = EXIT_BAD_INPUT;
    } else throw error;
  }
}

function readRoom(file: string): string {
  try {
    return readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RoomFileError('', `the room can't be read: ${reason}`, { cause });
  }
}

function asJson(plan: Plan): string {
  const routes = plan.routes.map((route) => ({ ...route, slices: sliceHex(route.slices) }));
  return JSON.stringify({ ...plan, routes });
}

function asText(input: PlanInput, plan: Plan): string {
  const peers = new Table({
    head: ['peer', 'sends at', 'upload used', 'of', 'relays for'],
    style: { head: [], border: [] },
  });
  for (const { id, uploadBps } of [...input.peers].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const clients = new Set(plan.routes.flatMap((route) => (route.relay === id ? [route.source] : [])));
    const rate = plan.rates[id];
    peers.push([
      id,
      rate === undefined ? '-' : formatRate(rate),
      formatRate(plan.load[id] ?? 0),
      formatRate(uploadBps * input.headroom),
      [...clients].join(' ') || '-',
    ]);
  }
  const routes = new Table({ head: ['source', 'through', 'slices', 'to'], style: { head: [], border: [] } });
  for (const { source, relay, slices, receivers } of plan.routes) {
    const part = slices === ALL_SLICES ? 'all' : `${sliceHex(slices)} (${sliceCount(slices)}/16)`;
    routes.push([source, relay ?? '(direct)', part, receivers.join(' ')]);
  }
  const lost = plan.unserved.map(({ source, receiver }) => `  ${source} -> ${receiver}`);
  return [
    peers.toString(),
    ...(plan.routes.length > 0 ? [routes.toString()] : []),
    lost.length === 0 ? 'Everybody is served.' : `Not served, for the room's upload is too small:\n${lost.join('\n')}`,
    plan.boundBps === 0 && lost.length > 0
      ? 'The least rates are beyond what any plan could carry.'
      : `The bound is ${formatRate(plan.boundBps)} a source; the plan reaches ${(100 * plan.ratio).toFixed(1)} % of it.`,
  ].join('\n');
}

main(process.argv.slice(2));
