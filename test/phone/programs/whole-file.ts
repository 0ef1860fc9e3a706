/** A file that a program writes when it is told to: nobody says when it is done, but its own last bytes. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 20;

/** @returns the file, once it is whole; undefined: it was not in this time */
export async function wholeFile(
  file: string,
  mostMs: number,
  isWhole: (bytes: Buffer) => boolean,
): Promise<string | undefined> {
  for (const deadline = performance.now() + mostMs; performance.now() < deadline; await delay(LOOK_MS)) {
    if (isWhole(await readFile(file).catch(() => Buffer.alloc(0)))) return file;
  }
  return undefined;
}
