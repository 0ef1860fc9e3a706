/** Opens an address in the browser of whoever sits here. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** How long a browser may take to read the file, in ms. */
const READ_MS = 30_000;

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Whoever can list processes sees their arguments, so the address, which lets its holder in, goes by a file that only we can read.
 *
 * @throws {Error} there is no program that opens pages
 */
export async function openInBrowser(url: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-open-'));
  const file = join(folder, 'open.html');
  await writeFile(file, `<!doctype html><meta http-equiv="refresh" content="0; url=${url}">\n`, { mode: 0o600 });
  setTimeout(() => void rm(folder, { recursive: true, force: true }), READ_MS).unref();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  await once(child, 'spawn');
  child.unref();
}
