/** A real TURN server for one test, on loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '../../infra/path/contract.ts';
import { spawnTethered } from '../../infra/process/tethered.ts';
import { findExecutable } from '../../infra/setup/executable.ts';
import { StunClient } from '../../infra/stun/client.ts';
import { readStun } from '../../infra/stun/read.ts';
import { freshTransactionId } from '../../infra/stun/write.ts';

export const ACCOUNT = { username: 'anna', password: 's3cret' };
const HOST = '127.0.0.1';
/** Where it gives addresses out: on some machines there is no IPv6. */
export const RELAY_HOSTS = networkInterfaces().lo?.some(({ address }) => address === '::1') ? [HOST, '::1'] : [HOST];
/** One thread, no TCP listener beyond what cannot be switched off, no files but its own. */
const ARGUMENTS = [
  ...['-n', `--listening-ip=${HOST}`, ...RELAY_HOSTS.map((host) => `--relay-ip=${host}`)],
  ...[
    '--allow-loopback-peers',
    '--no-tls',
    '--no-dtls',
    '--no-tcp',
    '--no-tcp-relay',
    '--no-cli',
    '--relay-threads=1',
    '--log-file=stdout',
  ],
  ...['--lt-cred-mech', `--user=${ACCOUNT.username}:${ACCOUNT.password}`, '--realm=example.org'],
];

const program = await findExecutable('turnserver', process.env);
export const isCoturnInstalled = program !== undefined;

export interface Coturn extends AsyncDisposable {
  readonly endpoint: Endpoint;
  stop(): Promise<void>;
}

/** Resolves once it answers. @param port of one that ran before; left out: any free one */
export async function startCoturn(more: readonly string[] = [], port?: number): Promise<Coturn> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-coturn-'));
  const endpoint = { host: HOST, port: port ?? (await freePort()) };
  const files = [`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'db')}`];
  const server = spawnTethered(program ?? '', [...ARGUMENTS, `--listening-port=${endpoint.port}`, ...files, ...more]);
  await answered(endpoint);
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { endpoint, stop, [Symbol.asyncDispose]: stop };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, HOST);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** How often one that starts is asked, in ms. */
const ASK_EVERY_MS = 20;

async function answered(endpoint: Endpoint): Promise<void> {
  const socket = createSocket('udp4').bind(0, HOST);
  const request = () =>
    new StunClient({ transactionId: freshTransactionId }).setServers([endpoint], 0).datagrams[0]?.bytes;
  const asking = setInterval(() => socket.send(request() ?? '', endpoint.port, endpoint.host), ASK_EVERY_MS);
  // A port where nobody listens yet is told as an error of the socket.
  socket.on('error', () => undefined);
  try {
    for (;;) {
      const [bytes] = (await once(socket, 'message')) as [Buffer];
      if (readStun(bytes)?.mappedAddress !== undefined) return;
    }
  } finally {
    clearInterval(asking);
    socket.close();
  }
}
