/** A recording as a whole: what was heard, and how the room was at any moment of it. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { MessageLine, RoomEvent } from '../room-picture/contract.ts';
import type { Heard } from '../room-picture/heard.ts';
import { RoomRecord } from '../room-picture/record.ts';
import { RecordingError } from './errors.ts';
import { MAX_RECORDING_BYTES } from './recorder.ts';
import { type RecordingHead, readHead, readLine } from './recording-line.ts';

/** How often the room is looked at where two lines are further apart, in ms: for whoever has fallen silent. */
const JUDGE_MS = 500;
/** As many moments of a recording are kept whole: whoever moves the slider waits for a few lines, not for all. */
const CHECKPOINTS = 200;

/** The room as it was before a line. */
interface Checkpoint {
  readonly line: number;
  readonly record: RoomRecord;
}

export class Recording {
  readonly room: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly events: readonly RoomEvent[];
  readonly messages: readonly MessageLine[];
  /** Lines that tell nothing we know. */
  readonly unread: number;
  readonly #heard: readonly Heard[];
  readonly #checkpoints: Checkpoint[] = [];
  #cursor: Checkpoint & { readonly atMs: number };

  constructor({ room, atMs }: RecordingHead, heard: readonly Heard[], unread: number) {
    this.room = room;
    this.unread = unread;
    this.#heard = inOrder(heard);
    this.fromMs = this.#heard[0]?.atMs ?? atMs;
    this.toMs = this.#heard.at(-1)?.atMs ?? atMs;
    this.#cursor = { line: 0, record: new RoomRecord(), atMs: this.fromMs };
    const events: RoomEvent[] = [];
    const messages: MessageLine[] = [];
    const every = Math.max(1, Math.ceil(this.#heard.length / CHECKPOINTS));
    const record = new RoomRecord();
    this.#heard.forEach((next, line) => {
      if (line % every === 0) this.#checkpoints.push({ line, record: record.clone() });
      events.push(...judgeUntil(record, this.#heard[line - 1]?.atMs ?? next.atMs, next.atMs));
      const news = record.hear(next);
      events.push(...news.events);
      if (news.line !== undefined) messages.push(news.line);
    });
    this.events = events;
    this.messages = messages;
  }

  /** The room as it was at this moment. The same object goes on with the next call: keep nothing of it. */
  at(atMs: number): RoomRecord {
    const checkpoint = this.#checkpoints.findLast(({ line }) => this.#isBefore(line, atMs));
    const goesOn = this.#cursor.atMs <= atMs && this.#cursor.line >= (checkpoint?.line ?? 0);
    if (!goesOn) {
      const { line, record } = checkpoint ?? { line: 0, record: new RoomRecord() };
      this.#cursor = { line, record: record.clone(), atMs: this.#heard[line - 1]?.atMs ?? this.fromMs };
    }
    const { record } = this.#cursor;
    let { line, atMs: lastMs } = this.#cursor;
    for (; this.#isBefore(line, atMs); line += 1) {
      const next = this.#heard[line];
      if (next === undefined) break;
      judgeUntil(record, lastMs, next.atMs);
      record.hear(next);
      lastMs = next.atMs;
    }
    judgeUntil(record, lastMs, atMs);
    this.#cursor = { line, record, atMs: Math.max(lastMs, atMs) };
    return record;
  }

  #isBefore(line: number, atMs: number): boolean {
    const heard = this.#heard[line];
    return heard !== undefined && heard.atMs <= atMs;
  }
}

/** What was heard between two moments is nothing: who falls silent in between? */
function judgeUntil(record: RoomRecord, fromMs: number, toMs: number): RoomEvent[] {
  // A file may say that years have passed; all are silent after the first minute of them.
  const untilMs = Math.min(toMs, fromMs + MAX_SILENCE_MS);
  const events: RoomEvent[] = [];
  for (let nowMs = fromMs + JUDGE_MS; nowMs < untilMs; nowMs += JUDGE_MS) events.push(...record.judge(nowMs).events);
  events.push(...record.judge(untilMs).events);
  return events;
}

const MAX_SILENCE_MS = 60_000;

/** A clock that was set back while it was recorded: time stands still until it is over. */
function inOrder(heard: readonly Heard[]): Heard[] {
  let lastMs = 0;
  return heard.map((one) => {
    lastMs = Math.max(lastMs, one.atMs);
    return { ...one, atMs: lastMs };
  });
}

/** @throws {RecordingError} `recording.missing`, `recording.invalid` */
export async function readRecording(file: string): Promise<Recording> {
  await check(file);
  let head: RecordingHead | undefined;
  let unread = 0;
  const heard: Heard[] = [];
  for await (const text of createInterface({ input: createReadStream(file) })) {
    if (head === undefined) {
      head = readHead(text);
      if (head === undefined) throw new RecordingError('recording.invalid', `${file} is no recording of a room.`);
      continue;
    }
    const one = readLine(text);
    if (one === undefined) unread += 1;
    else heard.push(one);
  }
  if (head === undefined) throw new RecordingError('recording.invalid', `${file} is empty.`);
  return new Recording(head, heard, unread);
}

async function check(file: string): Promise<void> {
  const size = await stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
  if (size === undefined) throw new RecordingError('recording.missing', `There is no file ${file}.`);
  if (size > MAX_RECORDING_BYTES)
    throw new RecordingError('recording.invalid', `${file} is larger than any recording is made.`);
}
