/** Starts the forwarders that `npm run bench:relay` compares, and reads what they cost. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const VARIANTS = ['batched', 'dgram', 'dgram-bare', 'c', 'c-gso', 'gstreamer', 'werift'] as const;
export type Variant = (typeof VARIANTS)[number];

/** The forwarder has the second core to itself, with all its threads; the traffic spins on the first. */
const FORWARDER_CORE = '1';
const GSTREAMER_READY_MS = 1500;

/** Programs that a machine may have or not: what needs one is left out without it. */
const COMPILER = 'cc';
const GSTREAMER = 'gst-launch-1.0';
export const TASKSET = 'taskset';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const isThere = (program: string) => spawnSync(program, ['--version']).error === undefined;

/** What can be compared on this machine, and why the rest cannot. */
export class Workshop implements Disposable {
  readonly missing = new Map<Variant, string>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'rpr-relay-'));
  readonly #binary = join(this.#folder, 'relay-forwarder');
  readonly #pinned = isThere(TASKSET);

  constructor() {
    const compiled = spawnSync(COMPILER, ['-O2', '-o', this.#binary, here('./relay-forwarder.c')], {
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

  async start(variant: Variant, upstreamPort: number, receiverPorts: readonly number[]): Promise<Forwarder> {
    if (variant === 'gstreamer') return this.#startGstreamer(receiverPorts);
    const receivers = receiverPorts.map(String);
    const [program, ...args] =
      variant === 'c' || variant === 'c-gso'
        ? [this.#binary, variant === 'c-gso' ? 'gso' : 'plain', ...receivers]
        : [process.execPath, '--import=tsx', here('./relay-forwarder.ts'), variant, String(upstreamPort), ...receivers];
    const child = this.#spawn(program ?? '', args);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`The forwarder ${variant} ended before it was ready.`);
    });
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
    // It is meant to end later on.
    ended.catch(() => undefined);
    return new Forwarder(child, Number(line));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startGstreamer(receiverPorts: readonly number[]): Promise<Forwarder> {
    const port = await freePort();
    const clients = receiverPorts.map((each) => `127.0.0.1:${each}`).join();
    const source = ['udpsrc', 'address=127.0.0.1', `port=${port}`, 'buffer-size=4194304'];
    const sink = ['multiudpsink', `clients=${clients}`, 'sync=false', 'async=false'];
    const child = this.#spawn(GSTREAMER, ['-q', ...source, '!', ...sink]);
    // It says nothing when it is ready.
    await new Promise((resolve) => setTimeout(resolve, GSTREAMER_READY_MS));
    return new Forwarder(child, port);
  }

  #spawn(program: string, args: readonly string[]) {
    const [first, ...rest] = this.#pinned ? [TASKSET, '-c', FORWARDER_CORE, program, ...args] : [program, ...args];
    return spawn(first ?? program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  }
}

export class Forwarder implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Processor time of all its threads so far, in us (`/proc/PID/task/TID/schedstat`, in ns). */
  cpuUs(): number {
    const tasks = `/proc/${this.#child.pid}/task`;
    return readdirSync(tasks)
      .map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000)
      .reduce((total, time) => total + time, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
