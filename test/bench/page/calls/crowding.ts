/** Whether the machine had a core for the peers when they wanted one: where it had not, what was measured is the machine. */
import { readFileSync } from 'node:fs';

/** A peer that waits for longer than it runs is held up by the browser that shows its page. */
const CROWDED_SHARE = 0.5;

/** Nanoseconds of the main thread since it began (Linux, Documentation/scheduler/sched-stats.rst). */
interface Turns {
  readonly ran: number;
  readonly waited: number;
}

/** Undefined where the system does not say. */
function turnsOf(pid: number): Turns | undefined {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
    return { ran, waited };
  } catch {
    return undefined;
  }
}

/** What to tell a person of these processes; undefined: they had their turns. */
export function crowdingOf(pids: readonly number[]): string | undefined {
  const shares = pids.flatMap((pid) => {
    const turns = turnsOf(pid);
    return turns === undefined ? [] : [turns.waited / Math.max(1, turns.ran + turns.waited)];
  });
  const most = Math.max(0, ...shares);
  if (most < CROWDED_SHARE) return undefined;
  const percent = Math.round(100 * most);
  return `The machine is too busy for this: a peer that wanted to run waited for a core ${percent} % of the time. The figures are the machine's.`;
}
