/** A timer that tells how late it runs: what has come in time a busy computer reads late, and who judges by when it came must know. */
import type { Clock } from './clock.ts';

/**
 * Runs `task` once after about `delayMs`.
 *
 * @param task is told by how many ms it runs late; never less than 0
 * @returns calls it off
 */
export function runAfter(clock: Clock, delayMs: number, task: (lateMs: number) => void): () => void {
  const dueMs = clock.now() + delayMs;
  return clock.after(delayMs, () => task(Math.max(0, clock.now() - dueMs)));
}
