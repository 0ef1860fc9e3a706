/**
 * What of a page is kept for its user alone: the token, so that tabs get in again when the program has been started anew, and a
 * file that leads to the page, since others can read what is on a command line.
 */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshToken } from './admission.ts';

const TOKEN = /^[\w-]{22}$/;
const OWNER_ONLY = 0o600;
/** Permissions of anybody but the owner. */
const OTHERS = 0o077;
/** A tab that is open for longer has to be opened anew when the program was. In ms. */
const KEPT_MS = 12 * 60 * 60 * 1000;

/** The token of the last start at this port, if that was not long ago, or a fresh one. Where `folder` cannot be written, always that. */
export function keptToken(folder: string, port: number): string {
  const path = join(folder, `${port}.token`);
  const token = readToken(path) ?? freshToken();
  try {
    writePrivately(folder, path, token);
  } catch {
    // Then tabs of this start do not outlive it.
  }
  return token;
}

/**
 * Writes a file that leads a browser to `url`.
 *
 * @returns its path
 * @throws {NodeJS.ErrnoException} where `folder` cannot be written
 */
export function writeLeadingFile(folder: string, url: string): string {
  const path = join(folder, `${new URL(url).port}.html`);
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${url}"><a href="${url}">${url.split('#', 1)[0]}</a>\n`;
  writePrivately(folder, path, page);
  return path;
}

/** Undefined: there is none that is good. One that others could read or write is none. */
function readToken(path: string): string | undefined {
  try {
    const { mode, mtimeMs } = statSync(path);
    const isOurs = process.platform === 'win32' || (mode & OTHERS) === 0;
    const token = readFileSync(path, 'utf8');
    return isOurs && Date.now() - mtimeMs < KEPT_MS && TOKEN.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

function writePrivately(folder: string, path: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  // A file that is there already keeps its mode.
  writeFileSync(path, '', { mode: OWNER_ONLY });
  chmodSync(path, OWNER_ONLY);
  writeFileSync(path, text);
}
