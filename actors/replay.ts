/** The command `npm run replay`: plays what `npm run inspect -- --record` has kept, on a page. */
import { Command } from 'commander';
import { portOption } from './options/page.ts';
import { openPage } from './page/open-page.ts';
import { endWhenAsked } from './watch/end-when-asked.ts';
import { readRecording } from './watch/recording.ts';
import { ReplayedRoom } from './watch/replayed.ts';

interface Options {
  readonly web?: true;
  readonly port: number;
  readonly open?: true;
}

const say = (text: string) => void process.stderr.write(`${text}\n`);
const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

async function main(file: string, { web, port, open }: Options): Promise<void> {
  const recording = await readRecording(file);
  const { room, fromMs, toMs, events, messages, unread } = recording;
  say(
    `Room ${room}, ${timeOfDay.format(fromMs)} to ${timeOfDay.format(toMs)}: ${events.length} events, ${messages.length} messages.`,
  );
  if (unread > 0) say(`${unread} lines of the recording tell nothing that this version knows.`);
  if (!web) {
    say('With --web it plays on a page.');
    return;
  }
  const replayed = await ReplayedRoom.open(recording, { port });
  process.stdout.write(`${replayed.url}\n`);
  if (open) await openPage(replayed.url, say);
  say('Ctrl-C ends.');
  endWhenAsked(() => replayed.close());
}

await new Command('rpr replay')
  .description(
    'Plays what `inspect --record` has kept of a room: the picture, what happened, what was said, and the charts.',
  )
  .argument('<FILE>', 'the recording')
  .option('--web', 'a page on this machine; its address is printed')
  .addOption(portOption())
  .option('--open', 'with --web: open it in the browser')
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
