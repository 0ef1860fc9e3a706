/** The command `npm run inspect`: shows a room as it is, on a page or as lines of its machines' transitions, and records it. */
import { randomBytes } from 'node:crypto';
import { styleText } from 'node:util';
import { Command } from 'commander';
import type { SecretKey } from '../infra/crypto/secret-key.ts';
import type { NatsBus } from '../infra/nats/connection.ts';
import { connectOrStart } from '../infra/nats/shared-server.ts';
import { parseSubject, subjectOf } from '../machines/subjects.ts';
import { roomWire } from './bus/sealing/room-wire.ts';
import { INSPECT_KIND, parseTransition, type Transition } from './call/inspector.ts';
import { roomKeyOf } from './call/open-keys.ts';
import { addRoomKeyOption, keyChoice, type RawKeyOptions } from './options/keys.ts';
import { addNatsOptions, natsFiles, type RawNatsOptions } from './options/nats.ts';
import { portOption } from './options/page.ts';
import { parseId } from './options/values.ts';
import { openPage } from './page/open-page.ts';
import { endWhenAsked } from './watch/end-when-asked.ts';
import { LiveRoom } from './watch/live.ts';

const PEER_WIDTH = 8;
const MACHINE_WIDTH = 20;
/** Colours are for people: none in a file or a pipe, nor where NO_COLOR forbids them. */
const coloured = process.stdout.isTTY && process.stdout.hasColors();
const dim = (text: string) => (coloured ? styleText('dim', text) : text);
const BAD_LINE = 'a line that is no transition was dropped';

interface Options extends RawNatsOptions, Pick<RawKeyOptions, 'roomKey'> {
  readonly room: string;
  readonly peer?: string;
  readonly json?: true;
  readonly web?: true;
  readonly port: number;
  readonly open?: true;
  readonly record?: string;
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', {
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' },
});

async function main(options: Options): Promise<void> {
  const id = `inspect-${randomBytes(4).toString('hex')}`;
  const bus = await connectOrStart({
    ...{ id, files: natsFiles(options) },
    ...(options.nats && { url: options.nats }),
  });
  const secret = keyChoice(options, process.env).roomKey;
  const roomKey = secret === null ? null : await roomKeyOf(secret, options.room);
  if (options.web || options.record !== undefined) await show(bus, id, roomKey, options);
  else await print(bus, roomKey, options);
}

/** On a page, in a recording, or both. */
async function show(
  nats: NatsBus,
  id: string,
  roomKey: SecretKey | null,
  { room, web, port, open, record }: Options,
): Promise<void> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const live = await LiveRoom.open({
    ...{ nats, room, roomKey, id, say },
    ...(web && { page: { port } }),
    ...(record !== undefined && { record }),
  }).catch(async (error: unknown) => {
    await nats.close();
    throw error;
  });
  if (record !== undefined) say(`Recording room ${room} to ${record}.`);
  if (live.url !== undefined) process.stdout.write(`${live.url}\n`);
  if (live.url !== undefined && open) await openPage(live.url, say);
  say(`Watching room ${room}. Ctrl-C ends.`);
  endWhenAsked(async () => {
    await live.close();
    await nats.close();
  });
}

async function print(bus: NatsBus, roomKey: SecretKey | null, { room, peer, json }: Options): Promise<void> {
  const decoder = new TextDecoder();
  const subject = subjectOf({ room, from: peer ?? '*', to: 'all', kind: INSPECT_KIND });
  roomWire(bus, roomKey).subscribe(subject, (from, bytes) => {
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
  endWhenAsked(() => bus.close());
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
    'Shows a room as it is: with --web as a picture on a page, with who carries whose packets, what happened and what was said; else the transitions of its state machines as lines (time, peer, machine, from → to, event). Of machines it shows those of peers that were started with --inspect.',
  )
  .requiredOption('--room <ROOM>', 'which call to watch', parseId)
  .option('--peer <ID>', 'only this peer', parseId)
  .option('--json', 'one JSON document a line')
  .option('--web', 'a page on this machine; its address is printed, and lets in whoever has it')
  .addOption(portOption())
  .option('--open', 'with --web: open it in the browser')
  .option('--record <FILE>', 'keep what is heard in a new file, for `npm run replay`')
  .action(main);

await addNatsOptions(addRoomKeyOption(command))
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
