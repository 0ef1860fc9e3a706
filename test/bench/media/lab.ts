/** Hosts in network namespaces around one router, which can lose packets, over links that can be slow: Linux, as root. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';

const execute = promisify(execFile);

/** Private addresses (RFC 1918): a network for each host, in which the router is .1 and the host is .2. */
const NETWORK = '10.77';
const NATS_PORT = 4222;

/** Ahead of whatever else the machine does: that is not what is measured. */
const PRIORITY = ['chrt', '-r', '10'];

/** Of a link's token bucket: what leaves at once, and what waits at most (tc-tbf(8)). */
const BUCKET = '32kb';
const QUEUE = '3mb';

/** Of namespaces: `rpr`, the process that made it, and the host. */
const SPACE = /^rpr(?<process>\d+)-/;

export class Lab implements AsyncDisposable {
  readonly #name: string;
  readonly #hosts: readonly string[];
  readonly #programs: Tethered[] = [];

  private constructor(name: string, hosts: readonly string[]) {
    this.#name = name;
    this.#hosts = hosts;
  }

  /** Lays the wires between a router and these hosts. @throws {Error} where that is not allowed here */
  static async open(hosts: readonly string[]): Promise<Lab> {
    await removeLeftovers();
    const lab = new Lab(`rpr${process.pid}`, hosts);
    try {
      await lab.#lay();
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
    return lab;
  }

  /** Starts a NATS server on the router. */
  async startNats(): Promise<void> {
    const server = this.#spawnIn(
      this.#space('router'),
      ['nats-server', '-a', '0.0.0.0', '-p', String(NATS_PORT)],
      'pipe',
    );
    await new Promise<void>((resolve, reject) => {
      server.child.stderr?.on('data', (chunk: Buffer) => chunk.includes('Server is ready') && resolve());
      server.child.once('exit', () => reject(new Error('nats-server does not start in a network namespace')));
    });
  }

  /** The server's URL as a host reaches it. */
  natsUrl(host: string): string {
    return `nats://${NETWORK}.${this.#hosts.indexOf(host) + 1}.1:${NATS_PORT}`;
  }

  /** From now on the router loses this share of the UDP datagrams between hosts, at random. */
  async lose(share: number): Promise<void> {
    const random = ['-m', 'statistic', '--mode', 'random', '--probability', String(share)];
    await this.#in('router', 'iptables', '-A', 'FORWARD', '-p', 'udp', ...random, '-j', 'DROP');
  }

  /** From now on no more than this leaves a host, as over a link of that rate with a deep queue. @param rate as `tc` writes it */
  async limit(host: string, rate: string): Promise<void> {
    const bucket = ['tbf', 'rate', rate, 'burst', BUCKET, 'limit', QUEUE];
    await this.#in(host, 'tc', 'qdisc', 'add', 'dev', 'eth0', 'root', ...bucket);
  }

  /** Starts a program on a host; it ends with the lab at the latest. */
  spawn(host: string, command: readonly string[], output: 'ignore' | 'pipe' = 'ignore'): Tethered {
    return this.#spawnIn(this.#space(host), command, output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
    for (const host of ['router', ...this.#hosts]) {
      // What could not be made cannot be removed either.
      await execute('ip', ['netns', 'del', this.#space(host)]).catch(() => undefined);
    }
  }

  async #lay(): Promise<void> {
    await execute('ip', ['netns', 'add', this.#space('router')]);
    await this.#in('router', 'ip', 'link', 'set', 'lo', 'up');
    await this.#in('router', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    for (const [index, host] of this.#hosts.entries()) {
      const network = `${NETWORK}.${index + 1}`;
      const wire = `w${index}`;
      await execute('ip', ['netns', 'add', this.#space(host)]);
      const ends = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#space(host)];
      await execute('ip', ['link', 'add', wire, 'netns', this.#space('router'), ...ends]);
      await this.#in('router', 'ip', 'addr', 'add', `${network}.1/24`, 'dev', wire);
      await this.#in('router', 'ip', 'link', 'set', wire, 'up');
      await this.#in(host, 'ip', 'addr', 'add', `${network}.2/24`, 'dev', 'eth0');
      await this.#in(host, 'ip', 'link', 'set', 'eth0', 'up');
      await this.#in(host, 'ip', 'link', 'set', 'lo', 'up');
      await this.#in(host, 'ip', 'route', 'add', 'default', 'via', `${network}.1`);
    }
  }

  #space(host: string): string {
    return `${this.#name}-${host}`;
  }

  async #in(host: string, command: string, ...args: readonly string[]): Promise<void> {
    await execute('ip', ['netns', 'exec', this.#space(host), command, ...args]);
  }

  #spawnIn(space: string, command: readonly string[], output: 'ignore' | 'pipe'): Tethered {
    const program = spawnTethered('ip', ['netns', 'exec', space, ...PRIORITY, ...command], { output });
    this.#programs.push(program);
    return program;
  }
}

/** Removes the namespaces of labs whose process has died. */
async function removeLeftovers(): Promise<void> {
  const { stdout } = await execute('ip', ['netns', 'list']);
  for (const line of stdout.split('\n')) {
    const [space = ''] = line.split(' ');
    const maker = SPACE.exec(space)?.groups?.process;
    if (maker !== undefined && !isAlive(Number(maker))) await execute('ip', ['netns', 'del', space]);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
