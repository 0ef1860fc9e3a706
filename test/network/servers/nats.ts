/** The NATS server of a lab: on a host of its own on the internet, where everybody reaches it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { LOOPBACK_HOST } from '../../../infra/path/table/addresses.ts';
import { ensureProgram } from '../../../infra/setup/program.ts';
import type { Host } from '../parts/host.ts';
import { untilReady } from './ready.ts';

const PORT = 4222;

export interface LabNats {
  /** For who has IPv4. */
  readonly url: string;
  /** For who has IPv6 alone. */
  readonly ipv6Url: string;
  /** For the test's own process, which is in none of the lab's namespaces: without the delay of a wire. */
  readonly testUrl: string;
  /** Of the server's process. */
  readonly pid: number | undefined;
}

/** @param host with both families */
export async function startNats(host: Host): Promise<LabNats> {
  const program = await ensureProgram('nats-server');
  const server = host.spawn([program, '-a', '::', '-p', String(PORT)], { output: 'pipe' });
  await untilReady(server, program, 'Server is ready');
  const gate = host.keep(await openGate(() => host.dial({ host: LOOPBACK_HOST, port: PORT })));
  return {
    url: `nats://${host.ipv4}:${PORT}`,
    ipv6Url: `nats://[${host.ipv6}]:${PORT}`,
    testUrl: `nats://${LOOPBACK_HOST}:${gate.port}`,
    pid: server.child.pid,
  };
}

interface Gate extends AsyncDisposable {
  readonly port: number;
}

/** Takes connections on the machine's own loopback and leads each to where `dial` leads. */
async function openGate(dial: () => Socket): Promise<Gate> {
  const open = new Set<Socket>();
  const server = createServer((here) => {
    const there = dial();
    for (const [end, other] of [[here, there] as const, [there, here] as const]) {
      open.add(end);
      end.pipe(other);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        open.delete(end);
        other.destroy();
      });
    }
  });
  server.listen(0, LOOPBACK_HOST);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
