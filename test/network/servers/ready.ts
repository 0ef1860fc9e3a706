/** Waiting for a server until it says that it is at work. */
import { once } from 'node:events';
import type { Tethered } from '../../../infra/process/tethered.ts';

/** A server that has not started by then never will, on however busy a machine. In ms. */
const STARTS_WITHIN_MS = 20_000;
/** How much of what a server says is kept to explain a failed start, in characters. */
const LOG_TAIL = 4_000;

/**
 * Resolves when a server, started with pipes, has written this.
 *
 * @throws {Error} if it ends before, or takes too long; with what it wrote
 */
export async function untilReady({ child }: Tethered, name: string, sign: string): Promise<void> {
  let log = '';
  const ready = new Promise<'ready'>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-LOG_TAIL);
        if (log.includes(sign)) resolve('ready');
      });
    }
  });
  const limit = new AbortController();
  const ended = once(child, 'exit', { signal: AbortSignal.any([limit.signal, AbortSignal.timeout(STARTS_WITHIN_MS)]) });
  const first = await Promise.race([ready, ended.catch(() => 'late')]);
  limit.abort();
  if (first !== 'ready') throw new Error(`${name} does not start in the network lab. It says: ${log || 'nothing'}`);
}
