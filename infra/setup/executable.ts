/** Looks for programs the way a shell does. */
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** The path of the first executable file of that name in the PATH of `env`, then in `moreFolders`. */
export async function findExecutable(
  name: string,
  env: NodeJS.ProcessEnv,
  moreFolders: readonly string[] = [],
): Promise<string | undefined> {
  const folders = [...(env.PATH ?? '').split(delimiter), ...moreFolders].filter(isAbsolute);
  for (const folder of folders) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
