/** Standard output as the place of JSON lines. */
import { type DestinationStream, pino } from 'pino';
import { openPatiently } from '../../infra/process/terminal.ts';

/** The log cannot be written: whoever asked for it would believe that nothing happens. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code = 'log.failed';

  constructor(cause: Error) {
    super(`Standard output takes no more of the log: ${cause.message}. This peer has left the call.`, { cause });
  }
}

export interface JsonLines extends DestinationStream {
  /** Resolves when all has been written, or the reader does not take it in time. */
  settle(): Promise<void>;
}

/** `onGone`: nobody reads it any more. `onFailed`: it cannot be written. Each is called once. */
export interface JsonLinesEvents {
  readonly onGone: () => void;
  readonly onFailed: (error: LogError) => void;
}

/** How long a reader may take for the last lines, in ms. */
const LAST_LINES_MS = 500;
/** A pipe without a reader, and a terminal that has been closed. */
const GONE = new Set(['EPIPE', 'EIO']);

/**
 * A terminal or pipe gets lines as it takes them, so that a reader that stands still stops no call. All else is written at once: the
 * last line before a crash is the one that matters.
 */
export function jsonLines({ onGone, onFailed }: JsonLinesEvents, descriptor = process.stdout.fd): JsonLines {
  let broken = false;
  const onBroken = (error: NodeJS.ErrnoException) => {
    if (broken) return;
    broken = true;
    if (GONE.has(error.code ?? '')) onGone();
    else onFailed(new LogError(error));
  };
  const patient = openPatiently(descriptor, onBroken);
  if (patient !== undefined) {
    return { write: (line) => void patient.write(line), settle: () => patient.settle(LAST_LINES_MS) };
  }
  const lines = pino.destination({ dest: descriptor, sync: true });
  lines.on('error', onBroken);
  return {
    write: (line) => {
      if (!broken) lines.write(line);
    },
    settle: () => Promise.resolve(),
  };
}
