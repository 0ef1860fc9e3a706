/** A peer as a process of its own, watched through its log. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { spawnTethered, type Tethered, type TetheredOptions } from '../../infra/process/tethered.ts';

const SOURCE = fileURLToPath(new URL('../../actors/peer.ts', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../infra/setup/rpr.mjs', import.meta.url));
/** The arguments of node that start a peer as its users do: from the bundle, which compiles nothing. */
export const PEER: readonly string[] = [COMMAND, 'peer'];
/** What the uplink carries is not what is looked at, unless a test says so: then its own word counts, which comes later. */
export const ROOMY: readonly string[] = ['--upload', '10mbit'];
const logged = z.looseObject({ event: z.string() });
export type Logged = z.infer<typeof logged>;

/** Starts a program. */
export type Spawn = (command: readonly string[], options: TetheredOptions) => Tethered;

const spawnHere: Spawn = ([program = '', ...args], options) => spawnTethered(program, args, options);

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export class PeerProcess implements AsyncDisposable {
  readonly #process: Tethered;
  readonly #events: Logged[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly ended: Promise<Ended>;
  #stderr = '';

  private constructor(process: Tethered) {
    this.#process = process;
    const { stdout, stderr } = process.child;
    if (stdout === null || stderr === null) throw new Error('a peer is started with pipes');
    createInterface({ input: stdout }).on('line', (line) => this.#take(line));
    stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.ended = once(process.child, 'close').then(([code, signal]) => {
      for (const wake of this.#waiting.splice(0)) wake();
      return { code, signal, stderr: this.#stderr };
    });
  }

  /** Starts `rpr peer` with these arguments and `--json`. `NATS_URL` is not passed on. */
  static start(...args: string[]): PeerProcess {
    return PeerProcess.#run([...PEER, '--json', ...ROOMY, ...args]);
  }

  /** The same as `tsx actors/peer.ts`. */
  static startSource(...args: string[]): PeerProcess {
    return PeerProcess.#run(['--import', 'tsx', SOURCE, '--json', ...ROOMY, ...args]);
  }

  /** The same somewhere else: `spawn` starts a command there. */
  static startThere(spawn: Spawn, ...args: string[]): PeerProcess {
    return PeerProcess.#run([...PEER, '--json', ...args], spawn);
  }

  /** The same from a bundle, given its command's file. */
  static startBundled(file: string, ...args: string[]): PeerProcess {
    return PeerProcess.#run([file, ...args, '--json']);
  }

  static #run(args: readonly string[], spawn: Spawn = spawnHere): PeerProcess {
    const { NATS_URL: _given, ...env } = process.env;
    return new PeerProcess(spawn([process.execPath, ...args], { output: 'pipe', env }));
  }

  /** The first logged event for which this holds, past or to come; rejects if the process ends before. */
  async event(is: (event: Logged) => boolean): Promise<Logged> {
    for (;;) {
      const found = this.#events.find(is);
      if (found !== undefined) return found;
      if (this.#process.child.exitCode !== null || this.#process.child.signalCode !== null) {
        const { code, stderr } = await this.ended;
        throw new Error(`the peer ended (${code}) before the event came. ${stderr}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** All events so far. */
  get events(): readonly Logged[] {
    return this.#events;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.child.kill(signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process.stop();
  }

  #take(line: string): void {
    this.#events.push(logged.parse(JSON.parse(line)));
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
