/**
 * Child processes that never outlive us: not after Ctrl-C, not after a crash, not after SIGKILL.
 *
 * A process killed by SIGKILL can clean nothing up, so the child itself has to notice. Before the program starts, a
 * shell forks a watcher that reads from a pipe whose only other end is ours. The kernel closes that end however we die,
 * and the watcher then ends the program. The shell `exec`s the program, so the child's pid, signals and exit code are
 * the program's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** How long a program may take to end after SIGTERM before it gets SIGKILL, in tenths of a second: servers need one or two. */
const GRACE_TENTHS = 20;

// A line on the pipe dismisses the watcher (the program is already gone and its pid may be someone else's);
// end of file means that we are gone, or want the program to be.
const TETHER = `
{
  read -r dismissed <&3 && exit
  kill -TERM $$
  tenths=${GRACE_TENTHS}
  while kill -0 $$; do
    [ $tenths -gt 0 ] || kill -KILL $$
    sleep 0.1
    tenths=$((tenths - 1))
  done
} >/dev/null 2>&1 &
exec "$@" 3<&-`;

const TETHER_FD = 3;

export interface TetheredOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What the program reads on its standard input: nothing, or what we write to it. */
  readonly input?: 'ignore' | 'pipe';
  /** What becomes of the program's standard output and standard error. */
  readonly output?: 'ignore' | 'pipe' | 'inherit';
  /** Does not keep this process alive: when nothing else does, this process ends, and the program with it. */
  readonly background?: boolean;
}

/** A running program that ends when this process does. */
export interface Tethered extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Ends the program: SIGTERM, and SIGKILL two seconds later if need be. Resolves when it is gone; harmless when it already is. */
  stop(): Promise<void>;
}

/**
 * Starts a program that ends when this process does. It runs in a session of its own, so that Ctrl-C on our terminal
 * reaches us alone and we decide in which order things end.
 *
 * @throws what `child_process.spawn` throws; a program that does not exist ends with exit code 127.
 */
export function spawnTethered(command: string, args: readonly string[], options: TetheredOptions = {}): Tethered {
  const output = options.output ?? 'ignore';
  const child = spawn('/bin/sh', ['-c', TETHER, 'tethered', command, ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: [options.input ?? 'ignore', output, output, 'pipe'],
  });
  const tether = tetherOf(child);
  // Writing to a watcher that has already ended is no news.
  tether.on('error', () => tether.destroy());
  child.once('exit', () => tether.end('dismissed\n'));
  if (options.background) letGo(child);
  return {
    child,
    stop: () => stop(child, tether),
    [Symbol.asyncDispose]: () => stop(child, tether),
  };
}

function tetherOf(child: ChildProcess): Writable {
  const stream = child.stdio[TETHER_FD];
  if (stream === null || stream === undefined || !('write' in stream)) {
    throw new Error('The child process was started without a pipe to tether it.');
  }
  return stream;
}

/** Lets this process end while the child runs; the tether then ends the child too. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) {
    if (stream !== null && stream !== undefined && 'unref' in stream && typeof stream.unref === 'function') {
      stream.unref();
    }
  }
}

async function stop(child: ChildProcess, tether: Writable): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.ref();
  // Closing our end is what our death would do: the watcher sends SIGTERM, and SIGKILL to a program that ignores it.
  tether.end();
  await gone;
}
