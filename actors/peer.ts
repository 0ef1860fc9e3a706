/**
 * The command `tsx actors/peer.ts --id A`: join a room and stay in it until Ctrl-C.
 *
 * Exit codes: 0 left in good order or replaced, 1 could not join or could not go on, 2 wrong usage, 130 a second Ctrl-C.
 */
import { NatsError } from '../infra/nats/errors.ts';
import { PathError } from '../infra/path/errors.ts';
import { ProgramMissingError } from '../infra/setup/program.ts';
import { Call } from './call.ts';
import { Journal, standardOutput } from './journal/journal.ts';
import type { PeerOptions } from './options/contract.ts';
import { parsePeerOptions, UsageError } from './options.ts';
import { RefusedError, replacedText } from './refused-error.ts';
import { SinkError } from './sink/contract.ts';
import type { LiveTable } from './status/live-table.ts';

const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;
/** One Ctrl-C reaches us from the terminal and again from each launcher above us (`npx`, `tsx`), within this many ms. */
const SAME_KEY_PRESS_MS = 200;

async function main(): Promise<number> {
  const parsed = parsePeerOptions(process.argv.slice(2), process.env);
  if ('help' in parsed) {
    process.stdout.write(parsed.help);
    return 0;
  }
  return run(parsed.options);
}

async function run(options: PeerOptions): Promise<number> {
  const terminal = options.json || !process.stdout.isTTY ? null : process.stdout;
  const shown: { table?: LiveTable } = {};
  const journal = new Journal({
    peer: options.id,
    // Whoever read our lines has gone: so do we.
    lines: terminal === null ? standardOutput(() => process.kill(process.pid, 'SIGTERM')) : null,
    now: () => performance.now(),
    onWritten: () => shown.table?.changed(),
  });
  const call = await Call.open(options, journal);
  if (terminal !== null) {
    // Nobody but a person needs it, and loading it takes a tenth of the start.
    const { showTable } = await import('./status/live-table.ts');
    shown.table = showTable(terminal, () => call.status());
  }
  let interruptedAt: number | undefined;
  const interrupt = () => {
    const now = performance.now();
    if (interruptedAt !== undefined && now - interruptedAt > SAME_KEY_PRESS_MS) process.exit(EXIT_INTERRUPTED);
    if (interruptedAt === undefined) call.leave();
    interruptedAt ??= now;
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const ended = await call.ended;
    journal.note({ type: 'peer.ended', how: ended });
    if (ended === 'refused') throw new RefusedError(call.refusal ?? 'taken', options);
    if (ended === 'replaced') process.stderr.write(`${replacedText(options)}\n`);
    return 0;
  } finally {
    await call.close();
    journal.close();
    shown.table?.close();
  }
}

/** What a person can mend is one line; anything else is a defect of ours and keeps its stack. */
function report(error: unknown): number {
  const known =
    error instanceof UsageError ||
    error instanceof NatsError ||
    error instanceof PathError ||
    error instanceof ProgramMissingError ||
    error instanceof SinkError ||
    error instanceof RefusedError;
  const text = known ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  return error instanceof UsageError ? error.exitCode : EXIT_FAILED;
}

// Sockets and timers of a call that ended badly must not keep the process.
process.exit(await main().catch(report));
