/** One run of some tests, with an end: at the first failure, or when nothing has come of it for long. */
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import type { Batch } from './test-batches.ts';

/** `seenBy`: the test that failed, or what became of the run where none did. `silenceMs`: the longest time between two results. */
export type TestOutcome =
  | { readonly result: 'passed'; readonly silenceMs: number }
  | { readonly result: 'failed'; readonly seenBy: string }
  | { readonly result: 'hung' };

export interface TestRunOptions {
  /** Of the copy of the project. */
  readonly root: string;
  readonly batch: Batch;
  /** A run that tells no result for so long hangs. */
  readonly patienceMs: number;
  /** Ends the run; it rejects then. */
  readonly signal: AbortSignal;
}

/** How AVA marks a failed test in its running list. */
const FAILED = /^ {2}[✘✖×] (?:\[fail\]: )?(.+)$/m;
/** A fault may gather garbage without end: it must not take the memory of all programs. */
const HEAP_MB = 1024;
/** Imports the test files that run in one process. */
const ENTRY = 'test/one-process.test.ts';

export async function runTests({ root, batch, patienceMs, signal }: TestRunOptions): Promise<TestOutcome> {
  signal.throwIfAborted();
  const entry = join(root, ENTRY);
  if (batch.inOneProcess) await writeFile(entry, entryOf(batch));
  const env = { ...process.env, FORCE_COLOR: '0', NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` };
  const run = spawnTethered(join(root, 'node_modules/.bin/ava'), argumentsOf(batch), {
    cwd: root,
    env,
    output: 'pipe',
  });
  const output: Buffer[] = [];
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    endAll(run);
  }, patienceMs);
  let heardAt = performance.now();
  let silenceMs = 0;
  run.child.stdout?.on('data', (chunk: Buffer) => {
    output.push(chunk);
    timer.refresh();
    silenceMs = Math.max(silenceMs, performance.now() - heardAt);
    heardAt = performance.now();
  });
  run.child.stderr?.resume();
  const abort = () => endAll(run);
  signal.addEventListener('abort', abort);
  try {
    const [code] = await once(run.child, 'close');
    signal.throwIfAborted();
    if (hung) return { result: 'hung' };
    if (code === 0) return { result: 'passed', silenceMs };
    const failed = FAILED.exec(stripVTControlCharacters(Buffer.concat(output).toString()))?.[1];
    return { result: 'failed', seenBy: failed ?? 'no test began, or the process broke down' };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    if (batch.inOneProcess) await rm(entry, { force: true });
  }
}

/** Tests of one file would run at the same time: those of many must not. */
function argumentsOf({ tests, inOneProcess }: Batch): string[] {
  const shared = ['--fail-fast', '--concurrency', '1'];
  if (inOneProcess) return [...shared, '--serial', ENTRY];
  return [...shared, ...tests];
}

/** In their order: the first test that fails ends the run. */
function entryOf({ tests }: Batch): string {
  return tests.map((file) => `import './${posix.relative(posix.dirname(ENTRY), file)}';\n`).join('');
}

/** Ends AVA and its workers, which never listen again where a fault keeps them in a loop. They are a process group. */
function endAll({ child }: Tethered): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
}
