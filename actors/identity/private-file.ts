/** Files that their owner alone may read, each written whole or not at all. */
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { IdentityError } from './errors.ts';

const OWNER_ONLY = 0o600;
const FOLDER_OF_OWNER = 0o700;
/** Permissions of anybody but the owner. */
const OTHERS = 0o077;
/** No file of ours is larger. */
const MAX_BYTES = 4_000_000;

/**
 * Its text; undefined where there is none.
 *
 * @throws {IdentityError} `identity.exposed` where others may read or write it, `identity.unreadable`
 */
export function readPrivate(path: string): string | undefined {
  const stats = statsOf(path);
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw unreadable(path, 'it is no file');
  if (process.platform !== 'win32' && (stats.mode & OTHERS) !== 0) {
    throw new IdentityError(
      'identity.exposed',
      `Others can read or write ${path}, which must be yours alone. Mend it by \`chmod 600 '${path}'\`; where somebody may have read it, move it away instead: a new one is made then.`,
    );
  }
  if (stats.size > MAX_BYTES) throw unreadable(path, `it is larger than ${MAX_BYTES} bytes`);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, textOf(error), error);
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    // Where a link leads nowhere, writing would replace it.
    if (stats !== undefined || lstatSync(path, { throwIfNoEntry: false }) === undefined) return stats;
  } catch (error) {
    throw unreadable(path, textOf(error), error);
  }
  throw unreadable(path, 'it is a link to a file that is not there');
}

/** Writes it where there is none yet. @returns whether there was none */
export function createPrivate(path: string, text: string): boolean {
  return replacing(path, text, (written) => {
    try {
      // Unlike a renaming this leaves a file as it is that somebody has made meanwhile.
      linkSync(written, path);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    }
  });
}

/** Writes it in place of what is there. @throws {IdentityError} `identity.unwritable` */
export function replacePrivate(path: string, text: string): void {
  replacing(path, text, (written) => renameSync(written, path));
}

function replacing<T>(path: string, text: string, put: (written: string) => T): T {
  const written = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_OF_OWNER });
    rmSync(written, { force: true });
    writeFileSync(written, text, { mode: OWNER_ONLY, flag: 'wx' });
    // Whatever the user's mask takes away.
    chmodSync(written, OWNER_ONLY);
    return put(written);
  } catch (error) {
    throw new IdentityError('identity.unwritable', `${path} cannot be written: ${textOf(error)}.`, { cause: error });
  } finally {
    rmSync(written, { force: true });
  }
}

function unreadable(path: string, why: string, cause?: unknown): IdentityError {
  return new IdentityError('identity.unreadable', `${path} cannot be read: ${why}.`, { cause });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
