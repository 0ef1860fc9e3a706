/**
 * The command `rpr call`: a call in the browser. It serves the page of one peer on this machine until Ctrl-C, or until the terminal is
 * closed; the page joins rooms and leaves them.
 *
 * Exit codes: 0 ended in good order, 1 could not start, 2 wrong usage; 128 and the number of a signal that came for a second time.
 */
import { PageServerError } from '../infra/web/errors.ts';
import { keptToken } from '../infra/web/private-files.ts';
import { loadWerift } from '../infra/webrtc/certificate.ts';
import { WebRtcLink } from '../infra/webrtc/link.ts';
import { systemClock } from './clock.ts';
import { Journal } from './journal/journal.ts';
import { jsonLines } from './journal/json-lines.ts';
import { Leaving } from './leaving.ts';
import { type CallOptions, parseCallOptions } from './options/call-command.ts';
import { UsageError } from './options/options.ts';
import { inviteText } from './page/invite.ts';
import { joinerOf } from './page/join-call.ts';
import { openPage, PRIVATE_FOLDER } from './page/open-page.ts';
import { Page } from './page/page.ts';
import { pageAssets } from './page/page-assets.ts';
import { pageCodecs } from './page/page-codecs.ts';

const EXIT_FAILED = 1;
const TITLE = 'RPR';

async function main(): Promise<number> {
  const parsed = parseCallOptions(process.argv.slice(2), process.env);
  if ('help' in parsed) process.stdout.write(parsed.help);
  else if (parsed.options.invite) process.stdout.write(`${inviteText(parsed.options.suggested)}\n`);
  else await run(parsed.options);
  return 0;
}

async function run(options: CallOptions): Promise<void> {
  const { asked } = new Leaving();
  const left = new Promise<void>((resolve) => {
    asked.addEventListener('abort', () => resolve());
  });
  const lines = options.json ? jsonLines(ENDS_WITH_READER) : null;
  const { name, id, room, nats, key, uploadBps } = options.suggested;
  const page = await Page.open({
    server: {
      ...{ port: options.port, title: TITLE, assets: await pageAssets('page') },
      token: (port) => keptToken(PRIVATE_FOLDER, port),
    },
    suggested: { name, id, uploadBps, meeting: { room, nats, key } },
    codecs: pageCodecs(options.pictures),
    join: joinerOf({
      ...{ call: options, say, openLink: (link) => WebRtcLink.open(link) },
      journalOf: (peer) => new Journal({ peer, lines, now: () => performance.now() }),
    }),
    clock: systemClock,
  });
  // It takes a quarter of a second, which nobody should wait for who joins.
  loadWerift().catch(() => {
    // Who joins is told.
  });
  if (options.json) process.stdout.write(`${JSON.stringify({ event: 'page.opened', url: page.url })}\n`);
  else greet(page.url, options);
  if (options.open) await openPage(page.url, say);
  await left;
  await page.close();
  await lines?.settle();
}

function greet(url: string, { suggested }: CallOptions): void {
  process.stdout.write(
    `Your call: ${url}\n` +
      'Open this in your browser. Whoever has this address is you: do not give it to others.\n' +
      `Others join by: ${inviteText(suggested)}\n` +
      'Ctrl-C ends.\n',
  );
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Whoever read our lines has gone: so do we. */
const ENDS_WITH_READER = {
  onGone: () => process.kill(process.pid, 'SIGTERM'),
  onFailed: (error: Error) => {
    say(error.message);
    process.kill(process.pid, 'SIGTERM');
  },
  onLeftOut: (left: number) => say(`${left} lines of the log were left out: its reader stood still.`),
};

/** What a person can mend is one line; anything else is a defect of ours and keeps its stack. */
function report(error: unknown): number {
  const isKnown = error instanceof UsageError || error instanceof PageServerError;
  say(
    isKnown ? `${error.code}: ${error.message}` : ((error instanceof Error ? error.stack : undefined) ?? String(error)),
  );
  return error instanceof UsageError ? error.exitCode : EXIT_FAILED;
}

// Sockets and timers of a call must not keep the process.
process.exit(await main().catch(report));
