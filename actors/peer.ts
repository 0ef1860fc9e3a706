/**
 * The command `rpr --id A`: join a room and stay in it until Ctrl-C, or until the terminal is closed.
 *
 * Exit codes: 0 left in good order or replaced, 1 could not join or could not go on, 2 wrong usage, 130 a second Ctrl-C.
 */
import { NatsError } from '../infra/nats/errors.ts';
import { PathError } from '../infra/path/errors.ts';
import { closeStandardStreams, openPatiently, type PatientOutput } from '../infra/process/terminal.ts';
import { ProgramMissingError } from '../infra/setup/program.ts';
import { Call } from './call/call.ts';
import { RefusedError, replacedText } from './call/refused-error.ts';
import { Journal } from './journal/journal.ts';
import { jsonLines, LogError } from './journal/json-lines.ts';
import type { PeerOptions } from './options/contract.ts';
import { parsePeerOptions, UsageError } from './options/options.ts';
import { SinkError } from './sink/contract.ts';
import type { LiveTable } from './status/live-table.ts';

const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;
/** One Ctrl-C reaches us from the terminal and again from each launcher above us (`npx`, `tsx`), within this many ms. */
const SAME_KEY_PRESS_MS = 200;
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
        });
  const journal = new Journal({
    ...{ peer: options.id, lines, now: () => performance.now() },
    onWritten: () => shown.table?.changed(),
  });
  const say = (text: string) => {
    if (shown.table === undefined) complain(text);
    else journal.note({ type: 'server.told', text });
  };
  const call = await Call.open(options, journal, say);
  shown.call = call;
  if (shown.logError !== undefined) call.leave();
  if (terminal !== null) shown.table = await tableOn(terminal, call);
  leaveOnSignals(call);
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

function leaveOnSignals(call: Call): void {
  let interruptedAt: number | undefined;
  const interrupt = () => {
    const now = performance.now();
    if (interruptedAt !== undefined && now - interruptedAt > SAME_KEY_PRESS_MS) process.exit(EXIT_INTERRUPTED);
    if (interruptedAt === undefined) call.leave();
    interruptedAt ??= now;
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // The terminal has been closed, which shells and the kernel say once each: no sign of impatience.
  process.on('SIGHUP', () => {
    hungUp = true;
    if (interruptedAt === undefined) interrupt();
  });
}

let hungUp = false;
let complaints: PatientOutput | undefined;

/** A line on standard error, which may be a terminal that stands still. */
function complain(text: string): void {
  complaints ??= process.stderr.isTTY ? openPatiently(process.stderr.fd) : undefined;
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
    error instanceof LogError ||
    error instanceof RefusedError;
  const text = known ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : String(error);
  complain(text ?? '');
  return error instanceof UsageError ? error.exitCode : EXIT_FAILED;
}

// Sockets and timers of a call that ended badly must not keep the process.
const exitCode = await main().catch(report);
await complaints?.settle(LAST_WORDS_MS);
if (hungUp) closeStandardStreams();
process.exit(exitCode);
