/** The command `npm run plan -- room.json`: the plan of a room that a file describes. */
import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { Command, CommanderError } from 'commander';
import { formatRate } from '../infra/units/rate.ts';
import { type Plan, planRoom } from '../machines/plan.ts';
import { parseRoomFile, type RoomFile, RoomFileError } from '../machines/planning/room-file.ts';
import { ALL_SLICES, sliceCount, sliceHex } from '../machines/slices.ts';

const STANDARD_INPUT = 0;
/** As for a wrong command line: the input must change, not the program. */
const EXIT_BAD_INPUT = 2;

const EXAMPLE = `
The room (rates in bit/s; all but "id" and "uploadBps" may be left out):
  {"headroom": 0.95, "peers": [
    {"id": "A", "uploadBps": 5000000, "lendBps": 3000000, "downloadBps": 50000000, "compatible": true,
     "wants": ["B", "C/screen"], "streams": [
       {"name": "voice", "media": "audio", "minBps": 64000, "maxBps": 64000},
       {"name": "small", "media": "video", "minBps": 150000, "maxBps": 150000, "group": "camera", "layer": 0},
       {"name": "large", "media": "video", "minBps": 600000, "maxBps": 2600000, "group": "camera", "layer": 1}]}, ...],
   "cut": [["A", "C"], ...], "costly": [["A", "B"], ...]}
  headroom     the share of every upload that may be used, 0 to 1
  lendBps      the most that others may use of the upload (default: all of it)
  downloadBps  (default: unlimited)
  compatible   false: a plain RTP endpoint, which never relays (default: true)
  oneAddress   true: gets each stream whole on one path, or not at all (default: false)
  wants        whose streams it receives, and which of them (default: everybody's)
  streams      what it sends; equal rates are a fixed rate (default: it only receives)
  cut          pairs that can't reach each other: a member that reaches both relays (default: everybody reaches everybody)
  costly       pairs that reach each other over a TURN server only: used where no member relays between them (default: none)
  source       in place of "streams", in a room of one video each: {"minBps": 300000, "maxBps": 2600000}`;

const WHY: Readonly<Record<NonNullable<Plan['unserved'][number]['why']>, string>> = {
  'no-relay': 'they can not reach each other, and no member that relays reaches both',
  'no-download': 'it is more than the receiver can download, or wants',
  'no-upload': 'too little upload is left, or lent, on all ways there',
};

function notServed({ unserved }: Plan): string {
  return unserved.some(({ why }) => why !== undefined)
    ? 'Not served'
    : "Not served, for the room's upload is too small";
}

function main(argv: readonly string[]): void {
  const command = new Command('plan')
    .description('Plan a room: the rate of every stream, and who relays for whom.')
    .argument('<room.json>', 'the room; "-" reads it from standard input')
    .option('--json', 'print the plan as one line of JSON')
    .addHelpText('after', EXAMPLE)
    .exitOverride();
  try {
    command.parse(argv, { from: 'user' });
    const [file = '-'] = command.args;
    const room = parseRoomFile(readRoom(file));
    const plan = planRoom(room.input);
    process.stdout.write(`${command.opts<{ json?: true }>().json ? asJson(room, plan) : asText(room, plan)}\n`);
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

function asJson({ saysStreams }: RoomFile, plan: Plan): string {
  const routes = plan.routes.map((route) => ({ ...route, slices: sliceHex(route.slices) }));
  if (saysStreams) return JSON.stringify({ ...plan, routes });
  return JSON.stringify({
    ...plan,
    rates: Object.fromEntries(Object.entries(plan.rates).map(([key, rate]) => [sourceOf(key), rate])),
    routes: routes.map(withoutStream),
    unserved: plan.unserved.map(withoutStream),
  });
}

/** `B` of `B/camera`. */
function sourceOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

function withoutStream<T extends { readonly stream: string }>({ stream: _, ...rest }: T): Omit<T, 'stream'> {
  return rest;
}

function asText({ input, saysStreams }: RoomFile, plan: Plan): string {
  const nameOf = (source: string, stream: string): string => (saysStreams ? `${source}/${stream}` : source);
  const head = (...names: string[]) => new Table({ head: names, style: { head: [], border: [] } });
  const rates = head('stream', 'rate');
  for (const [key, rate] of Object.entries(plan.rates)) rates.push([key, rate === 0 ? '-' : formatRate(rate)]);
  const sends = saysStreams ? [] : ['sends at'];
  const peers = head('peer', ...sends, 'upload used', 'of', 'relays for');
  for (const { id, uploadBps } of [...input.peers].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const clients = plan.routes.flatMap(({ source, stream, relay }) => (relay === id ? [nameOf(source, stream)] : []));
    const [rate] = Object.entries(plan.rates).flatMap(([key, bps]) => (sourceOf(key) === id ? [bps] : []));
    peers.push([
      id,
      ...sends.map(() => (rate === undefined ? '-' : formatRate(rate))),
      formatRate(plan.load[id] ?? 0),
      formatRate(uploadBps * input.headroom),
      [...new Set(clients)].join(' ') || '-',
    ]);
  }
  const routes = head(saysStreams ? 'stream' : 'source', 'through', 'slices', 'to');
  for (const { source, stream, relay, slices, receivers } of plan.routes) {
    const part = slices === ALL_SLICES ? 'all' : `${sliceHex(slices)} (${sliceCount(slices)}/16)`;
    routes.push([nameOf(source, stream), relay ?? '(direct)', part, receivers.join(' ')]);
  }
  const lost = plan.unserved.map(
    ({ source, stream, receiver, why }) => `  ${nameOf(source, stream)} -> ${receiver}${why ? `: ${WHY[why]}` : ''}`,
  );
  return [
    ...(saysStreams ? [rates.toString()] : []),
    peers.toString(),
    ...(plan.routes.length > 0 ? [routes.toString()] : []),
    lost.length === 0 ? 'Everybody is served.' : `${notServed(plan)}:\n${lost.join('\n')}`,
    plan.boundBps === 0 && lost.length > 0
      ? 'The least rates are beyond what any plan could carry.'
      : `The bound is ${formatRate(plan.boundBps)} a ${saysStreams ? 'stream' : 'source'}; the plan reaches ${(100 * plan.ratio).toFixed(1)} % of it.`,
  ].join('\n');
}

main(process.argv.slice(2));
