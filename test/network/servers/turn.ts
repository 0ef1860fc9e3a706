/** The TURN server of a lab (RFC 8656), coturn: on a host of its own on the internet. */
import type { Host } from '../parts/host.ts';
import type { Endpoint } from '../parts/probe.ts';
import { SYSTEM } from '../parts/space.ts';
import { untilReady } from './ready.ts';

const PORT = 3478;

export interface LabTurn {
  readonly ipv4: Endpoint;
  readonly ipv6: Endpoint;
  readonly user: string;
  readonly password: string;
}

/** @param host with both families @throws {Error} if coturn is not installed */
export async function startTurn(host: Host): Promise<LabTurn> {
  const [user, password] = ['lab', 'lab'];
  const addresses = [host.ipv4, host.ipv6].flatMap((address) => ['-L', address, '-E', address]);
  const command = [
    ...[
      'turnserver',
      '-n',
      '--no-tls',
      '--no-dtls',
      '--no-cli',
      '--no-dynamic-ip-list',
      '-p',
      String(PORT),
      ...addresses,
    ],
    ...['--lt-cred-mech', '--realm', 'lab', '--user', `${user}:${password}`, '--userdb', '/dev/null'],
    ...['--log-file', 'stdout', '--pidfile', '/dev/null'],
  ];
  await untilReady(host.spawn(command, { output: 'pipe', env: SYSTEM }), 'turnserver', 'Total General servers');
  return { ipv4: { host: host.ipv4, port: PORT }, ipv6: { host: host.ipv6, port: PORT }, user, password };
}
