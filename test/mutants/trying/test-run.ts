/** One run of some tests, with an end: at the first failure, or when its time is over. */
import { once } from 'node:events';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import type { TestPart } from './test-selection.ts';

/** `seenBy`: the test that failed, or what became of the run where none did. */
export type TestOutcome =
  | { readonly result: 'passed' }
  | { readonly result: 'failed'; readonly seenBy: string }
  | { readonly result: 'hung' };

export interface TestRunOptions {
  /** Of the copy of the project. */
  readonly root: string;
  /** Either whole files, or one part. */
  readonly tests: readonly TestPart[];
  readonly limitMs: number;
  /** Ends the run; it rejects then. */
  readonly signal: AbortSignal;
}

/** How AVA marks a failed test in its running list. */
const FAILED = /^ {2}[✘✖×] (?:\[fail\]: )?(.+)$/m;
/** A fault may gather garbage without end: it must not take the memory of all programs. */
const HEAP_MB = 1024;

export async function runTests({ root, tests, limitMs, signal }: TestRunOptions): Promise<TestOutcome> {
  signal.throwIfAborted();
  const matches = tests.flatMap(({ match }) => (match === null ? [] : ['--match', match]));
  const files = tests.map(({ file }) => file);
  const env = { ...process.env, FORCE_COLOR: '0', NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` };
  const args = ['--fail-fast', '--concurrency', '1', ...matches, ...files];
  const run = spawnTethered(join(root, 'node_modules/.bin/ava'), args, { cwd: root, env, output: 'pipe' });
  const output: Buffer[] = [];
  run.child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  run.child.stderr?.resume();
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    endAll(run);
  }, limitMs);
  const abort = () => endAll(run);
  signal.addEventListener('abort', abort);
  try {
    const [code] = await once(run.child, 'close');
    signal.throwIfAborted();
    if (hung) return { result: 'hung' };
    if (code === 0) return { result: 'passed' };
    const failed = FAILED.exec(stripVTControlCharacters(Buffer.concat(output).toString()))?.[1];
    return { result: 'failed', seenBy: failed ?? 'no test began, or the process broke down' };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** Ends AVA and its workers, which never listen again where a fault keeps them in a loop. They are a process group. */
function endAll({ child }: Tethered): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
}
