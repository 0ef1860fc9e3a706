/** A person at the command line: `rpr call`, as a process of its own. */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import { ROOMY } from '../../integration/peer-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface CallProcess extends AsyncDisposable {
  /** Of its page, with the token. */
  readonly url: string;
  readonly process: Tethered;
  /** Its log so far: a JSON document a line. */
  readonly lines: readonly string[];
}

/** Starts it and resolves when its page is there. The folder is for what it keeps. */
export async function startCall(args: readonly string[], { cwd }: { readonly cwd: string }): Promise<CallProcess> {
  return startCommand('call', ['--port', '0', '--json', ...ROOMY, ...args], cwd, (line) =>
    line.event === 'page.opened' ? String(line.url) : undefined,
  );
}

/** A peer in the terminal that joins at once. */
export async function startPeer(args: readonly string[], { cwd }: { readonly cwd: string }): Promise<CallProcess> {
  return startCommand('peer', ['--json', ...ROOMY, ...args], cwd, (line) =>
    line.event === 'peer.started' ? '' : undefined,
  );
}

async function startCommand(
  command: string,
  args: readonly string[],
  cwd: string,
  readUrl: (line: Record<string, unknown>) => string | undefined,
): Promise<CallProcess> {
  const tethered = spawnTethered(process.execPath, [`${ROOT}infra/setup/rpr.mjs`, command, ...args], {
    cwd,
    output: 'pipe',
  });
  const lines: string[] = [];
  const { stdout, stderr } = tethered.child;
  stderr?.on('data', (chunk) => process.stderr.write(chunk));
  if (stdout === null) throw new Error('the command has no output');
  const url = await new Promise<string>((resolve, reject) => {
    const reader = createInterface({ input: stdout });
    reader.on('line', (line) => {
      lines.push(line);
      const found = readUrl(JSON.parse(line));
      if (found !== undefined) resolve(found);
    });
    reader.on('close', () => reject(new Error(`rpr ${command} ended: ${lines.at(-1) ?? ''}`)));
  });
  return { url, process: tethered, lines, [Symbol.asyncDispose]: () => tethered.stop() };
}
