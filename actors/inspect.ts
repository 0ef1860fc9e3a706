/** The command `npm run inspect`: prints the transitions of a room's machines as they happen. */
import { randomBytes } from 'node:crypto';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { connectOrStart } from '../infra/nats/shared-server.ts';
import { parseSubject, subjectOf } from '../machines/subjects.ts';
import { INSPECT_KIND, parseTransition, type Transition } from './call/inspector.ts';
import { addNatsOptions, natsFiles, type RawNatsOptions } from './options/nats.ts';
import { parseId } from './options/values.ts';

const PEER_WIDTH = 8;
const MACHINE_WIDTH = 20;
/** Colours are for people: none in a file or a pipe, nor where NO_COLOR forbids them. */
const coloured = process.stdout.isTTY && process.stdout.hasColors();
const dim = (text: string) => (coloured ? styleText('dim', text) : text);
const BAD_LINE = 'a line that is no transition was dropped';

interface Options extends RawNatsOptions {
  readonly room: string;
  readonly peer?: string;
  readonly json?: true;
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', {
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' },
});

async function main({ room, peer, json, ...server }: Options): Promise<void> {
  const bus = await connectOrStart({
    ...{ id: `inspect-${randomBytes(4).toString('hex')}`, files: natsFiles(server) },
    ...(server.nats && { url: server.nats }),
  });
  const decoder = new TextDecoder();
  const subject = subjectOf({ room, from: peer ?? '*', to: 'all', kind: INSPECT_KIND });
  bus.subscribe(subject, (from, bytes) => {
    const sender = parseSubject(from)?.from;
    const transition = parseTransition(decoder.decode(bytes));
    if (sender === undefined || transition === undefined) process.stderr.write(`${sender ?? '?'}: ${BAD_LINE}\n`);
    else
      process.stdout.write(`${json ? JSON.stringify({ peer: sender, ...transition }) : lineOf(sender, transition)}\n`);
  });
  await bus.flush();
  process.stderr.write(`Watching ${peer ?? 'every peer'} in room ${room} that runs with --inspect. Ctrl-C ends.\n`);
  // A reader that has gone (`| head`) ends the watch as Ctrl-C does.
  process.stdout.on('error', () => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void bus.close().then(() => process.exit()));
}

function lineOf(peer: string, { atMs, machine, event, from, to, skipped }: Transition): string {
  const states = `${from.join(', ') || '·'} → ${to.join(', ') || '·'}`;
  const lost = skipped === undefined ? '' : `  (${skipped} before this not told)`;
  return [
    dim(timeOfDay.format(atMs)),
    peer.padEnd(PEER_WIDTH),
    machine.padEnd(MACHINE_WIDTH),
    states,
    dim(`${event}${lost}`),
  ].join('  ');
}

const command = new Command('rpr inspect')
  .description(
    "Prints the transitions of a room's state machines as they happen: time, peer, machine, from → to, event. Shows the peers that were started with --inspect.",
  )
  .requiredOption('--room <ROOM>', 'which call to watch', parseId)
  .option('--peer <ID>', 'only this peer', parseId)
  .option('--json', 'one JSON document a line')
  .action(main);

await addNatsOptions(command)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
