/** A NATS server of our own: on an ephemeral loopback port, and gone when we are. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { spawnTethered, type Tethered } from '../process/tethered.ts';
import { ensureProgram } from '../setup/program.ts';
import { NatsError } from './errors.ts';

const LOOPBACK = '127.0.0.1';
/** The port number by which nats-server is asked to take any free port. */
const ANY_PORT = -1;
/** A server is up in about 20 ms; on a machine that is busy or slow it may take seconds. In ms. */
const START_TIMEOUT_MS = 10_000;
/** How often to look for the file in which the server writes its ports, in ms. */
const PORTS_POLL_MS = 5;
/** How much of the server's log is kept to explain a failed start, in characters. */
const LOG_TAIL = 4_000;

const portsFile = z.object({ nats: z.tuple([z.url()]), monitoring: z.tuple([z.url()]) });

export interface NatsServerOptions {
  /** Text of a nats-server configuration (permissions, limits). Address and ports are ours. */
  readonly config?: string;
  /** Client port on 127.0.0.1. Default: any free one, chosen by the server itself. */
  readonly port?: number;
  /** Path of the nats-server program. Default: found or installed by `ensureProgram`. */
  readonly program?: string;
}

export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:<port>`, the same through every restart. */
  readonly url: string;
  readonly port: number;
  /** Base of the monitoring endpoint, `http://127.0.0.1:<port>`; a new port at every start. */
  readonly monitoringUrl: string;
  /** Process id of the running server. For tests that pause or kill it; `undefined` while stopped. */
  readonly pid: number | undefined;
  /** Ends the server. Clients are cut off. Harmless when it has already ended. */
  stop(): Promise<void>;
  /** Starts it again on the same port. Harmless while it runs. */
  start(): Promise<void>;
  /** `stop`, then `start`. */
  restart(): Promise<void>;
}

interface Running {
  readonly process: Tethered;
  readonly port: number;
  readonly monitoringUrl: string;
}

/**
 * Starts a NATS server on loopback and resolves when it takes connections. It ends with this process, however that
 * ends; `stop` or `await using` ends it sooner.
 *
 * @throws {NatsError} `nats.serverFailed`, with the server's own words
 * @throws {ProgramMissingError} when nats-server is neither installed nor installable
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const program = options.program ?? (await ensureProgram('nats-server'));
  let running = await launch(program, options.port ?? ANY_PORT, options.config);
  const { port } = running;
  const isUp = () => running.process.child.exitCode === null && running.process.child.signalCode === null;

  const server: NatsServer = {
    url: `nats://${LOOPBACK}:${port}`,
    port,
    get monitoringUrl() {
      return running.monitoringUrl;
    },
    get pid() {
      return isUp() ? running.process.child.pid : undefined;
    },
    stop: () => running.process.stop(),
    async start() {
      if (!isUp()) running = await launch(program, port, options.config);
    },
    async restart() {
      await server.stop();
      await server.start();
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
  return server;
}

async function launch(program: string, port: number, config: string | undefined): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-nats-'));
  try {
    const args = ['-a', LOOPBACK, '-p', String(port), '-m', String(ANY_PORT), '--ports_file_dir', folder];
    if (config !== undefined) {
      const configPath = join(folder, 'nats-server.conf');
      await writeFile(configPath, config, { mode: 0o600 });
      args.push('-c', configPath);
    }
    return await waitForPorts(spawnTethered(program, args, { output: 'pipe', background: true }), folder);
  } finally {
    // The server has read its configuration, and we its ports: nothing is left behind even if we are killed later.
    await rm(folder, { recursive: true, force: true });
  }
}

async function waitForPorts(process: Tethered, folder: string): Promise<Running> {
  let log = '';
  const keep = (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-LOG_TAIL);
  };
  process.child.stdout?.on('data', keep);
  process.child.stderr?.on('data', keep);

  const said = [process.child.stdout, process.child.stderr].map((stream) => stream && finished(stream));
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (process.child.exitCode === null && process.child.signalCode === null && performance.now() < deadline) {
    const ports = await readPorts(folder);
    if (ports !== undefined) {
      return { process, port: Number(new URL(ports.nats[0]).port), monitoringUrl: ports.monitoring[0] };
    }
    await delay(PORTS_POLL_MS);
  }
  await process.stop();
  // Its last words may come after its end.
  await Promise.allSettled(said);
  throw new NatsError('nats.serverFailed', `nats-server did not start: ${lastWords(log)}`);
}

/** The server's ports, or `undefined` while they are not written, or only in part. */
async function readPorts(folder: string): Promise<z.infer<typeof portsFile> | undefined> {
  const name = (await readdir(folder)).find((file) => file.endsWith('.ports'));
  if (name === undefined) return undefined;
  const text = await readFile(join(folder, name), 'utf8');
  return text.endsWith('}') ? portsFile.parse(JSON.parse(text)) : undefined;
}

/** The last line that tells of an error, else the last line. */
function lastWords(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /\[(FTL|ERR)\]|nats-server:/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}
