/** The project's source files, as the checks on them see them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type Room = 'machines' | 'infra' | 'actors' | 'test';

export interface SourceFile {
  /** Path from the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

const SOURCE = /\.(?:ts|tsx|mts|mjs|js|cjs)$/;

/** All source files of one room. */
export async function sourcesOf(room: Room): Promise<SourceFile[]> {
  const entries = await readdir(join(ROOT, room), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).replaceAll('\\', '/'));
  return Promise.all(paths.sort().map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}
