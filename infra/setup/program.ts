/** Programs that RPR runs but npm cannot give: found on this machine, or installed where that needs no question. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export type ProgramName = 'nats-server' | 'ffmpeg';

/** Folders that a user's PATH often lacks: system programs on Debian, local installs, Homebrew, snap, `go install`. */
const USUAL_FOLDERS = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/snap/bin'];

/** A program is not there and could not be installed. The message says what to type. */
export class ProgramMissingError extends Error {
  override readonly name = 'ProgramMissingError';
  readonly code = 'setup.programMissing';
}

/**
 * The path of a program, installed if need be.
 *
 * @throws {ProgramMissingError}
 */
export async function ensureProgram(name: ProgramName): Promise<string> {
  const found = await findProgram(name);
  if (found === undefined) throw new ProgramMissingError(`${name} is not installed.`);
  return found;
}

async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...USUAL_FOLDERS];
  for (const folder of folders) {
    const path = join(folder, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}
