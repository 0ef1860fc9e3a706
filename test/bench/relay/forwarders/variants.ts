/** Starts the forwarders that `npm run bench:relay` compares, and reads what they cost. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnTethered, type Tethered } from '../../../../infra/process/tethered.ts';
import type { Traffic } from '../traffic.ts';
import type { Cores } from './cores.ts';

export const VARIANTS = [
  'batched',
  'batched-feedback',
  'dgram',
  'dgram-feedback',
  'dgram-bare',
  'c',
  'c-gso',
  'gstreamer',
  'werift',
] as const;
export type Variant = (typeof VARIANTS)[number];

const GSTREAMER_READY_MS = 1500;

/** Programs that a machine may have or not: what needs one is left out without it. */
const COMPILER = 'cc';
const GSTREAMER = 'gst-launch-1.0';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const isThere = (program: string) => spawnSync(program, ['--version']).error === undefined;

/** What can be compared on this machine, and why the rest cannot. */
export class Workshop implements Disposable {
  readonly missing = new Map<Variant, string>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'rpr-relay-'));
  readonly #binary = join(this.#folder, 'relay-forwarder');
  readonly #cores: Cores;

  constructor(cores: Cores) {
    this.#cores = cores;
    const compiled = spawnSync(COMPILER, ['-O2', '-o', this.#binary, here('./forwarder.c')], {
      encoding: 'utf8',
    });
    if (compiled.status !== 0) {
      const reason =
        compiled.error === undefined
          ? `${COMPILER} failed: ${compiled.stderr.trim()}`
          : `there is no C compiler (${COMPILER})`;
      this.missing.set('c', reason).set('c-gso', reason);
    }
    if (!isThere(GSTREAMER)) this.missing.set('gstreamer', `${GSTREAMER} is not installed`);
  }

  get available(): readonly Variant[] {
    return VARIANTS.filter((variant) => !this.missing.has(variant));
  }

  /**
   * A forwarder of `traffic`'s packets to its receivers.
   *
   * @param nodeOptions for those that run in Node
   * @throws {Error} if it ends before it is ready
   */
  async start(variant: Variant, traffic: Traffic, nodeOptions: readonly string[] = []): Promise<Forwarder> {
    const receivers = traffic.receiverPorts.map(String);
    switch (variant) {
      case 'gstreamer':
        return this.#startGstreamer(receivers);
      case 'c':
        return this.#startSaying(variant, [this.#binary, 'plain', ...receivers]);
      case 'c-gso':
        return this.#startSaying(variant, [this.#binary, 'gso', ...receivers]);
      default: {
        const script = [here('./forwarder.ts'), variant, String(traffic.upstreamPort), ...receivers];
        return this.#startSaying(variant, [process.execPath, ...nodeOptions, '--import=tsx', ...script]);
      }
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One that prints its port when it is ready. */
  async #startSaying(variant: Variant, command: readonly string[]): Promise<Forwarder> {
    const forwarder = new Forwarder(variant, this.#spawn(command));
    forwarder.port = Number(await forwarder.line());
    return forwarder;
  }

  async #startGstreamer(receivers: readonly string[]): Promise<Forwarder> {
    const port = await freePort();
    const clients = receivers.map((each) => `127.0.0.1:${each}`).join();
    const source = ['udpsrc', 'address=127.0.0.1', `port=${port}`, 'buffer-size=4194304'];
    const sink = ['multiudpsink', `clients=${clients}`, 'sync=false', 'async=false'];
    const forwarder = new Forwarder('gstreamer', this.#spawn([GSTREAMER, '-q', ...source, '!', ...sink]));
    forwarder.port = port;
    // It says nothing when it is ready.
    await delay(GSTREAMER_READY_MS);
    return forwarder;
  }

  #spawn(command: readonly string[]): Tethered {
    const [program = '', ...args] = this.#cores.onForwarders(command);
    return spawnTethered(program, args, { output: 'pipe' });
  }
}

export class Forwarder implements AsyncDisposable {
  readonly variant: Variant;
  /** Where it listens. */
  port = 0;
  readonly #process: Tethered;
  readonly #lines: Interface;
  readonly #ended: Promise<never>;

  constructor(variant: Variant, process: Tethered) {
    this.variant = variant;
    this.#process = process;
    const { stdout, stderr } = process.child;
    if (stdout === null || stderr === null) throw new Error('The forwarder was started without pipes.');
    this.#lines = createInterface({ input: stdout });
    let complaint = '';
    stderr.on('data', (text: Buffer) => {
      complaint = `${complaint}${text}`.slice(-COMPLAINT_LETTERS);
    });
    this.#ended = once(process.child, 'close').then(() =>
      Promise.reject(new Error(endText(process.child, variant, complaint))),
    );
    // Nobody may be waiting when it ends, as it is meant to at last.
    this.#ended.catch(() => undefined);
  }

  /** The next one that it prints. */
  async line(): Promise<string> {
    const [line] = await Promise.race([once(this.#lines, 'line'), this.#ended]);
    return String(line);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.child.kill(signal);
  }

  /** @throws {Error} if it has ended */
  async requireAlive(): Promise<void> {
    await Promise.race([this.#ended, new Promise((resolve) => setImmediate(resolve))]);
  }

  /** How it has ended, if it has or does so within `ms`. */
  async endedWithin(ms: number): Promise<string | null> {
    const ended = this.#ended.catch((error: Error) => error.message);
    return Promise.race([ended, delay(ms, null)]);
  }

  /** Processor time of all its threads so far, and how long they waited for a core that others had, in us. */
  times(): { readonly cpuUs: number; readonly waitedUs: number } {
    const tasks = `/proc/${this.#process.child.pid}/task`;
    // Both in ns (Documentation/scheduler/sched-stats.rst, "/proc/<pid>/schedstat").
    const rows = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' '));
    const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column] ?? 0) / 1000, 0);
    return { cpuUs: sum(0), waitedUs: sum(1) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGKILL');
    await this.#process.stop();
  }
}

/** Of what a forwarder wrote to its standard error, the end is kept. */
const COMPLAINT_LETTERS = 500;

function endText({ exitCode, signalCode }: ChildProcess, variant: Variant, complaint: string): string {
  return `The forwarder ${variant} ended (${signalCode ?? `exit code ${exitCode}`}). ${complaint.trim()}`.trim();
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
