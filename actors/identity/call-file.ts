/** What a running call tells its user's other programs: who is in the room, and by which keys. Others cannot read it. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { peerIdSchema } from '../../machines/messages.ts';
import { Interval } from '../interval.ts';
import { callsFolder } from './places.ts';
import { readPrivate, replacePrivate } from './private-file.ts';

const member = z.object({ id: peerIdSchema, epoch: z.int().min(0), key: z.string().max(64).nullable() });
const callSchema = z.object({
  pid: z.int().min(1),
  room: peerIdSchema,
  id: peerIdSchema,
  members: z.array(member).max(512),
});
export type RunningCall = Readonly<z.infer<typeof callSchema>>;

/** How often it is looked whether something has changed, in ms: nobody reads a code sooner. */
const LOOK_MS = 500;
const SUFFIX = '.json';

/** Keeps the file of one call as it is. */
export class CallFile {
  readonly #path: string;
  readonly #read: () => RunningCall;
  readonly #looking = new Interval(LOOK_MS, () => this.#look());
  #written = '';

  constructor(folder: string, read: () => RunningCall) {
    const { room, id } = read();
    this.#path = join(callsFolder(folder), `${room}.${id}${SUFFIX}`);
    this.#read = read;
    this.#looking.run(true);
  }

  close(): void {
    this.#looking.stop();
    if (this.#written !== '') rmSync(this.#path, { force: true });
  }

  #look(): void {
    const text = JSON.stringify(this.#read());
    if (text === this.#written) return;
    this.#written = text;
    try {
      replacePrivate(this.#path, text);
    } catch {
      // Then `rpr verify` does not find this call, and says so.
    }
  }
}

/** The calls of this user that run on this machine. */
export function runningCalls(folder: string): RunningCall[] {
  const calls = callsFolder(folder);
  return namesIn(calls).flatMap((name) => {
    const call = parseCall(readQuietly(join(calls, name)));
    return call !== undefined && isRunning(call.pid) ? [call] : [];
  });
}

/** Undefined where the text is no such file's. */
export function parseCall(text: string): RunningCall | undefined {
  try {
    return callSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  } catch {
    return [];
  }
}

function readQuietly(path: string): string {
  try {
    return readPrivate(path) ?? '';
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
