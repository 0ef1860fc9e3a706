/** Named hosts on the internet of a network lab, with links that can be slow: Linux, as root. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Tethered } from '../../../infra/process/tethered.ts';
import { Lab as NetworkLab } from '../../network/lab.ts';
import type { Host } from '../../network/parts/host.ts';

const execute = promisify(execFile);

/** Ahead of whatever else the machine does: that is not what is measured. */
const PRIORITY = '10';

/** One way between any two hosts, in ms: between two homes of one country. */
export const DELAY_MS = 20;

/** Of a link's token bucket: what leaves at once, and what waits at most (tc-tbf(8)). */
const BUCKET = '32kb';
const QUEUE = '3mb';

export interface LabOptions {
  /** Share of UDP datagrams that are lost at random between any two hosts, 0..1. */
  readonly loss?: number;
}

export class Lab implements AsyncDisposable {
  readonly natsUrl: string;
  readonly #network: NetworkLab;
  readonly #hosts: ReadonlyMap<string, Host>;

  private constructor(network: NetworkLab, hosts: ReadonlyMap<string, Host>, natsUrl: string) {
    this.#network = network;
    this.#hosts = hosts;
    this.natsUrl = natsUrl;
  }

  /** Hosts of these names, and a NATS server that they all reach. @throws {Error} where that is not allowed here */
  static async open(names: readonly string[], { loss = 0 }: LabOptions = {}): Promise<Lab> {
    // Its wires are carried by a thread of this process.
    await execute('chrt', ['-a', '-r', '-p', PRIORITY, String(process.pid)]);
    const network = await NetworkLab.start({ delayMs: DELAY_MS, loss });
    try {
      const hosts = new Map<string, Host>();
      for (const name of names) hosts.set(name, await network.host());
      return new Lab(network, hosts, (await network.nats()).url);
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** From now on no more than this leaves a host, as over a link of that rate with a deep queue. @param rate as `tc` writes it */
  async limit(name: string, rate: string): Promise<void> {
    const bucket = ['tbf', 'rate', rate, 'burst', BUCKET, 'limit', QUEUE];
    const { child } = this.#host(name).spawn(['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', ...bucket]);
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`tc cannot limit a link here: exit code ${code}`);
  }

  /** Starts a program on a host; it ends with the lab at the latest. */
  spawn(name: string, command: readonly string[], output: 'ignore' | 'pipe' = 'ignore'): Tethered {
    return this.#host(name).spawn(['chrt', '-r', PRIORITY, ...command], { output });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#network[Symbol.asyncDispose]();
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name} in this lab`);
    return host;
  }
}
