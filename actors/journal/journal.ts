/** A peer's log: a JSON line for each event, for programs, or the last few events in words, for a terminal. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { harmless } from './harmless.ts';
import { levelOf, type Note, repetitionKey } from './notes.ts';
import { sentenceOf } from './sentence.ts';
import { WarningLimit } from './warning-limit.ts';

/** How many events in words are kept. */
const RECENT_LINES = 20;

export interface JournalOptions {
  readonly peer: string;
  /** Where JSON lines go; null: nowhere, a table shows {@link Journal.recent} instead. */
  readonly lines: DestinationStream | null;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** Called after each event that is written. */
  readonly onWritten?: () => void;
}

/**
 * JSON lines are `{level, time, peer, event, …}`: `time` is ISO 8601 in UTC, `event` the note's type, `other` the peer that
 * it is about. Warnings have `text`, the words for a person. `repeated`: how many of the same warning were left out since it was written last.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #logger: Logger | null;
  readonly #limit = new WarningLimit<Note>();
  readonly #recent: string[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#logger = options.lines === null ? null : createLogger(options.peer, options.lines);
  }

  /** The newest events in words, the oldest first. */
  get recent(): readonly string[] {
    return this.#recent;
  }

  readonly note = (note: Note): void => {
    const key = repetitionKey(note);
    const withheld = key === undefined ? 0 : this.#limit.admit(key, note, this.#options.now());
    if (withheld !== undefined) this.#write(note, withheld);
  };

  /** Writes what is still to be said. Idempotent. */
  close(): void {
    for (const { warning, withheld } of this.#limit.drain()) this.#write(warning, withheld);
  }

  #write(note: Note, repeated: number): void {
    const sentence = harmless(sentenceOf(note));
    this.#recent.push(repeated === 0 ? sentence : `${sentence} (${repeated} times more)`);
    if (this.#recent.length > RECENT_LINES) this.#recent.shift();
    const level = levelOf(note);
    // Of a warning programs tell a person, in our words.
    this.#logger?.[level]({ ...fieldsOf(note, repeated), ...(level === 'warn' ? { text: sentence } : {}) });
    this.#options.onWritten?.();
  }
}

/** `peer` is whose log it is: the one in the note is renamed. */
function fieldsOf({ type, ...rest }: Note, repeated: number): object {
  const about = 'peer' in rest ? { ...rest, peer: undefined, other: rest.peer } : rest;
  return { event: type, ...about, ...(repeated === 0 ? {} : { repeated }) };
}

function createLogger(peer: string, lines: DestinationStream): Logger {
  const formatters = { level: (level: string) => ({ level }) };
  return pino({ base: { peer }, timestamp: pino.stdTimeFunctions.isoTime, formatters }, lines);
}
