import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ROOT } from './sources.ts';

/** Folders that are not part of the project. */
const FOREIGN = new Set(['node_modules', '.git', '.rpr']);
/** Home folders and the like: paths that exist on one machine only. Homebrew's is the same on all of them. */
const MACHINE_PATH = /(?<![\w.:/-])\/(?:work|root|Users|home(?!\/linuxbrew\b))\/[\w.-]/;
const IMAGE = /\.(?:png|jpg|gif|ico|woff2?)$/;

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = entries
    .filter(({ name }) => !FOREIGN.has(name) && !IMAGE.test(name))
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? files(path) : [path];
    });
  return (await Promise.all(nested)).flat();
}

test('no file names a path of the machine it was written on', async (t) => {
  const wrong: string[] = [];
  for (const path of await files(ROOT)) {
    const lines = (await readFile(path, 'utf8')).split('\n');
    const at = lines.findIndex((line) => MACHINE_PATH.test(line));
    if (at !== -1) wrong.push(`${path.slice(ROOT.length)}:${at + 1}`);
  }
  t.deepEqual(wrong, []);
});
