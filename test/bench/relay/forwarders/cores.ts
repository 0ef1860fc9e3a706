/**
 * One core for the bench's own traffic and one for the forwarder, which is kept from sleeping: what a virtual machine's
 * core takes to wake up is no forwarder's latency, and differs from one moment to the next.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { spawnTethered, type Tethered } from '../../../../infra/process/tethered.ts';

const TASKSET = 'taskset';
const CHRT = 'chrt';
const TRAFFIC_CORE = '0';
const FORWARDER_CORE = '1';

export class Cores implements AsyncDisposable {
  /** Null, or why programs run where the system puts them, so that figures scatter more. */
  readonly missing: string | null;
  readonly #before = allowedCores();
  readonly #spinner: Tethered | null = null;

  /** Pins this program, which never sleeps while it measures, until it is disposed of. */
  constructor() {
    this.missing = whyNot();
    if (this.missing !== null) return;
    pin(TRAFFIC_CORE);
    // SCHED_IDLE (sched(7)): it runs only while nobody else wants the core.
    const spinning = [CHRT, '--idle', '0', 'sh', '-c', 'while :; do :; done'];
    this.#spinner = spawnTethered(TASKSET, ['-c', FORWARDER_CORE, ...spinning], { background: true });
    yieldToOtherSessions(this.#spinner.child.pid);
  }

  /** The command that runs `command` on the forwarder's core. */
  onForwarders(command: readonly string[]): readonly string[] {
    return this.missing === null ? [TASKSET, '-c', FORWARDER_CORE, ...command] : command;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.missing === null) pin(this.#before);
    await this.#spinner?.stop();
  }
}

function whyNot(): string | null {
  if (availableParallelism() < 2) return 'there is one core only';
  const absent = [TASKSET, CHRT].filter((program) => spawnSync(program, ['--version']).error !== undefined);
  return absent.length === 0 ? null : `${absent.join(' and ')} (util-linux) is not installed`;
}

/** The least weight of a session among others. */
const LEAST_NICE = '19';

/**
 * Where the system shares a core by sessions first (autogroup, sched(7)), one that runs nothing but an idle program would get as
 * much as the forwarder's.
 */
function yieldToOtherSessions(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, LEAST_NICE);
  } catch {
    // The system does not do so.
  }
}

/** With all threads. */
function pin(cores: string): void {
  spawnSync(TASKSET, ['-a', '-cp', cores, String(process.pid)]);
}

/** As `taskset` takes them, of this program (proc_pid_status(5)); nothing where the system does not say. */
function allowedCores(): string {
  try {
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
