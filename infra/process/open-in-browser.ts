/** Opens a file with what the system opens it with: a page in the browser. */
import { spawn } from 'node:child_process';

/** By platform; else as on Linux. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  // `start` takes its first quoted argument for a title.
  win32: ['cmd', '/c', 'start', ''],
};
const LINUX_OPENER = ['xdg-open'] as const;

/** @returns what is wrong, for a person; undefined: it is being opened */
export function openInBrowser(path: string): Promise<string | undefined> {
  const [program, ...args] = OPENERS[process.platform] ?? LINUX_OPENER;
  const child = spawn(program, [...args, path], { detached: true, stdio: 'ignore' });
  child.unref();
  return new Promise((resolve) => {
    child.once('error', () => resolve(`There is no ${program} here: open the address by hand.`));
    child.once('spawn', () => resolve(undefined));
  });
}
