/**
 * The NATS server that the peers of one machine share when nobody has given them one. The first peer starts it, the
 * others find it, and a guard process that belongs to none of them ends it when nobody uses it any more.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureProgram } from '../setup/program.ts';
import { DEFAULT_NATS_PORT, type NatsAddress, parseNatsAddress } from './address.ts';
import { connectNats, type NatsBus } from './connection.ts';
import { NatsError } from './errors.ts';
import type { NatsFiles } from './files.ts';
import { probeNats } from './probe.ts';

/** How long a shared server without connections is kept, in ms: long enough to restart a peer by hand. */
const IDLE_MS = 60_000;
/** A guard loads TypeScript and starts the server: well under a second, several on a busy machine. In ms. */
const START_TIMEOUT_MS = 15_000;
const START_POLL_MS = 20;
/** A probe of loopback is answered in under a millisecond, unless the machine is busy. In ms. */
const PROBE_MS = 2_000;
/** When a shared server is lost, its peers look for a new one, or start it, after up to this long, so that one comes first. In ms. */
const REVIVE_SPREAD_MS = 1_000;

/** The guard lies beside us: TypeScript, which takes tsx to load, in a checkout; plain JavaScript in the bundle. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const GUARD = fileURLToPath(new URL(`./shared-server-guard.${FROM_SOURCE ? 'ts' : 'js'}`, import.meta.url));

export interface ConnectOrStartOptions {
  readonly id: string;
  /** A server given by name (`--nats`), or several with commas between them. */
  readonly url?: string;
  /** Credentials and certificates for it. */
  readonly files?: NatsFiles;
  /** `NATS_URL` names the server when `url` does not. Default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Takes one line when a server is started. Default: standard error. */
  readonly say?: (line: string) => void;
  /** Loopback port of the shared server. Default: 4222. */
  readonly port?: number;
  /** How long the shared server stays without connections, in ms. Default: 60 000. */
  readonly idleMs?: number;
}

/**
 * Connects to the server that was given, or else to the one shared on this machine, which is started if there is none.
 * A shared server that dies while we are connected is started again. A given server is never replaced.
 *
 * @throws {NatsError} what {@link connectNats} throws, and `nats.serverFailed`
 * @throws {ProgramMissingError} when a server has to be started and nats-server can neither be found nor installed
 */
export async function connectOrStart(options: ConnectOrStartOptions): Promise<NatsBus> {
  const env = options.env ?? process.env;
  const given = options.url ?? env.NATS_URL;
  const { id, files = {} } = options;
  if (given !== undefined && given !== '') return connectNats({ url: given, id, files });

  const say = options.say ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const address = parseNatsAddress(`127.0.0.1:${options.port ?? DEFAULT_NATS_PORT}`);
  const start = () => startSharedServer(address, options.idleMs ?? IDLE_MS, say);
  await start();
  const bus = await connectNats({ url: address.url, id, files });
  bus.onStatus(({ state }) => {
    if (state === 'disconnected') void reviveSoon(start, say);
  });
  return bus;
}

async function reviveSoon(start: () => Promise<void>, say: (line: string) => void): Promise<void> {
  await delay(Math.random() * REVIVE_SPREAD_MS, undefined, { ref: false });
  try {
    await start();
  } catch (error) {
    // The connection goes on trying by itself; somebody else may bring the server back.
    say(error instanceof Error ? error.message : String(error));
  }
}

/** Resolves when a server answers at `address`, started by us or by somebody else in the same moment. */
async function startSharedServer(address: NatsAddress, idleMs: number, say: (line: string) => void): Promise<void> {
  if ((await probeNats(address, PROBE_MS)).found !== 'nobody') return;
  const program = await ensureProgram('nats-server', { say });
  const guard = spawnGuard([program, String(address.port), String(idleMs)]);
  say(
    `No NATS server at ${address.url}: starting one for this machine only, which ends ${Math.round(idleMs / 1_000)} s after ` +
      `the last peer has left, or by \`kill ${guard.pid}\`.`,
  );
  let complaint = '';
  guard.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  try {
    await waitForServer(address, guard, () => complaint.trim());
  } finally {
    guard.stderr?.destroy();
  }
}

function spawnGuard(args: readonly string[]): ChildProcess {
  const loader = FROM_SOURCE ? ['--import', import.meta.resolve('tsx')] : [];
  const guard = spawn(process.execPath, [...loader, GUARD, ...args], {
    // A folder that nobody wants to unmount or delete.
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  guard.unref();
  return guard;
}

async function waitForServer(address: NatsAddress, guard: ChildProcess, complaint: () => string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    // Asked before the probe: a guard that failed because another one was quicker has left a server behind.
    const ended = guard.exitCode !== null;
    if ((await probeNats(address, PROBE_MS)).found === 'server') return;
    if (ended) break;
    await delay(START_POLL_MS);
  }
  throw new NatsError(
    'nats.serverFailed',
    `The NATS server for this machine did not start: ${complaint() || 'no answer'}. ` +
      'Start one by hand with `nats-server -a 127.0.0.1`, or name one with --nats URL.',
  );
}
