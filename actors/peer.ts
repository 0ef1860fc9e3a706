/**
 * The command `rpr --id A`: join a room and stay in it until Ctrl-C, or until the terminal is closed.
 *
 * Exit codes: 0 left in good order or replaced, 1 could not join or could not go on, 2 wrong usage; 128 and the number of a signal
 * that came before the call was open, or for a second time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { NatsError } from '../infra/nats/errors.ts';
import { PathError } from '../infra/path/errors.ts';
import { closeStandardStreams, openPatiently, type PatientOutput } from '../infra/process/terminal.ts';
import { ProgramMissingError } from '../infra/setup/program.ts';
import { Call } from './call/call.ts';
import { RefusedError, replacedText } from './call/refused-error.ts';
import { IdentityError } from './identity/errors.ts';
import { Journal } from './journal/journal.ts';
import { jsonLines, LogError } from './journal/json-lines.ts';
import { Leaving } from './leaving.ts';
import type { PeerOptions } from './options/contract.ts';
import { parsePeerOptions, UsageError } from './options/options.ts';
import { PhoneError } from './phone/errors.ts';
import { SinkError } from './sink/contract.ts';
import type { LiveTable } from './status/live-table.ts';

const EXIT_FAILED = 1;
/** How long what is being opened may take to be closed again, in ms: a person waits, and the system closes the rest. */
const LAST_OPENING_MS = 500;
/** How long a terminal may take for the last words, in ms. */
const LAST_WORDS_MS = 500;

async function main(): Promise<number> {
  const parsed = parsePeerOptions(process.argv.slice(2), process.env);
  if ('help' in parsed) {
    process.stdout.write(parsed.help);
    return 0;
  }
  return run(parsed.options);
}

async function run(options: PeerOptions): Promise<number> {
  leaving ??= new Leaving();
  if (options.phone !== undefined) {
    // Nobody else needs it.
    const { runPhone } = await import('./phone/run.ts');
    return runPhone({ ...options, phone: options.phone }, leaving.asked, complain);
  }
  const { asked } = leaving;
  const terminal = options.json || !process.stdout.isTTY ? null : (openPatiently(process.stdout.fd) ?? STANDARD_OUTPUT);
  terminal?.write(`${options.id}: starting…\n`);
  const shown: { table?: LiveTable; call?: Call; logError?: LogError } = {};
  const lines =
    terminal !== null
      ? null
      : jsonLines({
          // Whoever read our lines has gone: so do we.
          onGone: () => process.kill(process.pid, 'SIGTERM'),
          onFailed: (error) => {
            shown.logError = error;
            shown.call?.leave();
          },
          onLeftOut: (left) => journal.note({ type: 'log.left-out', lines: left }),
        });
  const journal = new Journal({
    ...{ peer: options.id, lines, now: () => performance.now() },
    onWritten: () => shown.table?.changed(),
  });
  const say = (text: string) => {
    if (shown.table === undefined) complain(text);
    else journal.note({ type: 'server.told', text });
  };
  const opening = Call.open(options, journal, say, asked);
  const call = await unlessAsked(asked, opening);
  if (call === undefined) {
    complain(`${options.id} left before it had joined room ${options.room}.`);
    journal.note({ type: 'peer.ended', how: 'left' });
    await withinMs(
      LAST_OPENING_MS,
      opening.then((opened) => opened.close()),
    );
    await lines?.settle();
    await terminal?.settle(LAST_WORDS_MS);
    return leaving.exitCode ?? EXIT_FAILED;
  }
  shown.call = call;
  if (shown.logError !== undefined) call.leave();
  asked.addEventListener('abort', () => call.leave());
  if (terminal !== null) shown.table = await tableOn(terminal, call);
  try {
    const ended = await call.ended;
    journal.note({ type: 'peer.ended', how: ended });
    if (shown.logError !== undefined) throw shown.logError;
    if (ended === 'refused') throw new RefusedError(call.refusal ?? 'taken', options);
    if (ended === 'replaced') say(replacedText(options));
    return 0;
  } finally {
    await call.close();
    journal.close();
    shown.table?.close();
    await lines?.settle();
    await terminal?.settle(LAST_WORDS_MS);
  }
}

/** Where a terminal cannot be opened once more, writing to it may have to wait. */
const STANDARD_OUTPUT: PatientOutput = {
  idle: true,
  write: (text) => process.stdout.write(text),
  settle: () => Promise.resolve(),
};

/** Nobody but a person needs it, and loading it takes a tenth of the start. */
async function tableOn(terminal: PatientOutput, call: Call): Promise<LiveTable> {
  const { showTable } = await import('./status/live-table.ts');
  const { Screen } = await import('./status/screen.ts');
  return showTable(new Screen(terminal, process.stdout), () => call.status());
}

/** @returns undefined where we are asked to leave before; what goes wrong from then on is of no interest */
function unlessAsked(asked: AbortSignal, opening: Promise<Call>): Promise<Call | undefined> {
  const left = new Promise<undefined>((resolve) => {
    if (asked.aborted) resolve(undefined);
    asked.addEventListener('abort', () => resolve(undefined));
  });
  return Promise.race([left, opening]);
}

/** Waits for `work` to end, well or badly, but no longer than this. */
async function withinMs(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => undefined), delay(ms)]);
}

let leaving: Leaving | undefined;
let complaints: PatientOutput | undefined;

/** A line on standard error, which somebody may read who stands still. */
function complain(text: string): void {
  complaints ??= openPatiently(process.stderr.fd);
  if (complaints === undefined) process.stderr.write(`${text}\n`);
  else complaints.write(`${text}\n`);
}

/** What a person can mend is one line; anything else is a defect of ours and keeps its stack. */
function report(error: unknown): number {
  const known =
    error instanceof UsageError ||
    error instanceof NatsError ||
    error instanceof PathError ||
    error instanceof ProgramMissingError ||
    error instanceof SinkError ||
    error instanceof PhoneError ||
    error instanceof IdentityError ||
    error instanceof LogError ||
    error instanceof RefusedError;
  const text = known ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : String(error);
  complain(text ?? '');
  return error instanceof UsageError ? error.exitCode : EXIT_FAILED;
}

// Sockets and timers of a call that ended badly must not keep the process.
const exitCode = await main().catch(report);
await complaints?.settle(LAST_WORDS_MS);
if (leaving?.hungUp) closeStandardStreams();
process.exit(exitCode);
