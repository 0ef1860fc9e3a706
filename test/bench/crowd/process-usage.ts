/** What the peers' processes take of the machine, as /proc tells. Linux only. */
import { readFileSync } from 'node:fs';

/** Of utime and stime in /proc/PID/stat (proc_pid_stat(5)): USER_HZ, which is 100 on every Linux. */
const TICKS_PER_SECOND = 100;
/** Fields after the command's closing bracket, from 0. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;

export interface Usage {
  /** Processor time since its start, all threads, in s. */
  readonly cpuSeconds: number;
  /** What it alone has in memory, and its share of what it has in common with others (PSS), in bytes. */
  readonly memoryBytes: number;
}

export function usageOf(pid: number): Usage {
  const stat = statOf(pid);
  const ticks = Number(stat[USER_TIME] ?? 0) + Number(stat[SYSTEM_TIME] ?? 0);
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(read(pid, 'smaps_rollup'))?.[1];
  return { cpuSeconds: ticks / TICKS_PER_SECOND, memoryBytes: 1024 * Number(kilobytes ?? Number.NaN) };
}

function statOf(pid: number): string[] {
  const stat = read(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // Gone since it was listed.
    return '';
  }
}
