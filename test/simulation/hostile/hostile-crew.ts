/** Processes that run hostile rooms side by side, one for each core or as many as are asked for. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { RoomKind } from './hostile-draw.ts';

const WORKER = fileURLToPath(new URL('./hostile-worker.ts', import.meta.url));

/** A room makes much garbage that is young: with more space for it, in MB, a run takes a tenth less time. */
const YOUNG_MB = 64;

const outcomeSchema = z.object({ seed: z.int(), violations: z.array(z.string()) });
export type Outcome = z.infer<typeof outcomeSchema>;

/** Runs these seeds on so many processes and tells of each as it ends, in any order. Rejects when a process fails. */
export async function runSeeds(
  seeds: Iterable<number>,
  { kind, jobs, ended }: { kind: RoomKind; jobs: number; ended: (outcome: Outcome) => void },
): Promise<void> {
  const waiting = seeds[Symbol.iterator]();
  const workers: ChildProcess[] = [];
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = fork(WORKER, { execArgv: ['--import', 'tsx', `--max-semi-space-size=${YOUNG_MB}`] });
      workers.push(worker);
      const next = () => {
        const { value, done } = waiting.next();
        if (!done) worker.send({ kind, seed: value });
        else if (worker.connected) worker.disconnect();
      };
      worker.on('message', (message) => {
        ended(outcomeSchema.parse(message));
        next();
      });
      worker.once('error', reject);
      worker.once('exit', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`a process that simulates has ended with ${signal ?? `code ${code}`}`));
      });
      next();
    });
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    for (const worker of workers) worker.kill();
  }
}
