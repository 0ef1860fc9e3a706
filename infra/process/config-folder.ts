/** Where a user keeps what programs are to remember. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder of the program of this name, by the XDG Base Directory specification; on Windows below `%APPDATA%`. */
export function configFolder(program: string, env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: xdg = '', APPDATA: appData = '' } = env;
  if (xdg !== '') return join(xdg, program);
  if (process.platform === 'win32' && appData !== '') return join(appData, program);
  return join(homedir(), '.config', program);
}
