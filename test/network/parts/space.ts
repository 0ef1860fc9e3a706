/** A network namespace: a computer as far as the network goes, with a name that no other lab has. */
import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { spawnTethered, type Tethered, type TetheredOptions } from '../../../infra/process/tethered.ts';
import { enterNamespace } from './system-calls.ts';

/** Where the system's own programs are: npm puts others of the same names in front, an `nft` among them. */
export const SYSTEM: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

const executeFile = promisify(execFile);
const execute = (program: string, args: readonly string[]) => executeFile(program, args, { env: SYSTEM });

/** Where `ip netns` keeps namespaces (ip-netns(8)). */
const NAMESPACES = '/run/netns';
/** Of namespaces: `rpr`, the process that made it, the lab's number in it, and what it is. */
const NAME = /^rpr(?<process>\d+)-/;

let labs = 0;

export class Space implements AsyncDisposable {
  readonly name: string;
  readonly #kept: AsyncDisposable[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Runs lines of shell in it as one script that ends at the first failure. @returns its output @throws {Error} with its words */
  run(...lines: readonly string[]): Promise<string> {
    return this.command('sh', '-ec', lines.join('\n'));
  }

  /** Runs one program in it to its end. @returns its output @throws {Error} with its words */
  async command(...command: readonly string[]): Promise<string> {
    const { stdout } = await execute('ip', ['netns', 'exec', this.name, ...command]);
    return stdout;
  }

  /** Starts a program in it, which ends with it at the latest. */
  spawn(command: readonly string[], options: TetheredOptions = {}): Tethered {
    return this.keep(spawnTethered('ip', ['netns', 'exec', this.name, ...command], options));
  }

  /** Does something in it: the sockets and devices that are opened meanwhile stay in it. Nothing asynchronous. */
  inside<T>(action: () => T): T {
    const here = openSync('/proc/thread-self/ns/net', 'r');
    const there = openSync(`${NAMESPACES}/${this.name}`, 'r');
    try {
      enterNamespace(there);
      return action();
    } finally {
      enterNamespace(here);
      closeSync(here);
      closeSync(there);
    }
  }

  /** This goes when the namespace goes, before it. */
  keep<T extends AsyncDisposable>(thing: T): T {
    this.#kept.push(thing);
    return thing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#kept.map((thing) => thing[Symbol.asyncDispose]()));
    await execute('ip', ['netns', 'del', this.name]);
  }
}

/** The namespaces of one lab. */
export class Spaces implements AsyncDisposable {
  readonly #prefix = `rpr${process.pid}-${++labs}`;
  readonly #open: Space[] = [];
  #made = 0;

  /** Makes a namespace with nothing in it but loopback. @param label what it is to be, for who looks at `ip netns list` */
  async make(label: string): Promise<Space> {
    const space = new Space(`${this.#prefix}-${label}${++this.#made}`);
    await execute('ip', ['netns', 'add', space.name]);
    this.#open.push(space);
    await space.run('ip link set lo up');
    return space;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#open.splice(0).map((space) => space[Symbol.asyncDispose]()));
  }
}

/** Removes the namespaces of labs whose process has died. */
export async function removeLeftovers(): Promise<void> {
  const { stdout } = await execute('ip', ['netns', 'list']);
  for (const line of stdout.split('\n')) {
    const [space = ''] = line.split(' ');
    const maker = NAME.exec(space)?.groups?.process;
    // Another lab may be removing the same.
    if (maker !== undefined && !isAlive(Number(maker)))
      await execute('ip', ['netns', 'del', space]).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
