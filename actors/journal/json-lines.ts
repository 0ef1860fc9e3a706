/** Standard output as the place of JSON lines. */
import { type DestinationStream, pino } from 'pino';
import { openPatiently, type PatientOutput } from '../../infra/process/terminal.ts';

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

/**
 * `onGone`: nobody reads it any more. `onFailed`: it cannot be written. Each is called once. `onLeftOut`: the reader stood still
 * and reads again; so many lines are missing here, and whatever is written now stands in their place.
 */
export interface JsonLinesEvents {
  readonly onGone: () => void;
  readonly onFailed: (error: LogError) => void;
  readonly onLeftOut: (lines: number) => void;
}

/** How long a reader may take for the last lines, in ms. */
const LAST_LINES_MS = 500;
/** A pipe without a reader, a terminal that has been closed, a socket whose other end has. */
const GONE = new Set(['EPIPE', 'EIO', 'ECONNRESET']);

/**
 * A terminal, pipe or socket gets lines as it takes them, so that a reader that stands still stops no call. All else is written at
 * once: the last line before a crash is the one that matters.
 */
export function jsonLines({ onGone, onFailed, onLeftOut }: JsonLinesEvents, descriptor = process.stdout.fd): JsonLines {
  let broken = false;
  const onBroken = (error: NodeJS.ErrnoException) => {
    if (broken) return;
    broken = true;
    if (GONE.has(error.code ?? '')) onGone();
    else onFailed(new LogError(error));
  };
  const patient = openPatiently(descriptor, onBroken);
  if (patient !== undefined) return new PatientLines(patient, onLeftOut);
  const lines = pino.destination({ dest: descriptor, sync: true });
  lines.on('error', onBroken);
  return {
    write: (line) => {
      if (!broken) lines.write(line);
    },
    settle: () => Promise.resolve(),
  };
}

/** Once a line has been left out, so are all until the reader has taken what waits: the log has one gap, in a place that is told. */
class PatientLines implements JsonLines {
  readonly #output: PatientOutput;
  readonly #onLeftOut: (lines: number) => void;
  #leftOut = 0;

  constructor(output: PatientOutput, onLeftOut: (lines: number) => void) {
    this.#output = output;
    this.#onLeftOut = onLeftOut;
  }

  write(line: string): void {
    this.#tellLeftOut();
    if (this.#leftOut > 0 || !this.#output.write(line)) this.#leftOut += 1;
  }

  async settle(): Promise<void> {
    await this.#output.settle(LAST_LINES_MS);
    this.#tellLeftOut();
    await this.#output.settle(LAST_LINES_MS);
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0 || !this.#output.idle) return;
    const lines = this.#leftOut;
    // Telling it is a line too.
    this.#leftOut = 0;
    this.#onLeftOut(lines);
  }
}
