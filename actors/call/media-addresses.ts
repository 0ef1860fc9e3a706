/** Where a peer takes media, and the address it tells others. */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Endpoint } from '../../infra/path/contract.ts';

export interface MediaAddresses {
  /** Where to bind; port 0: any free one. */
  readonly listen: Endpoint;
  /** The host that others send to. */
  readonly advertise: string;
}

/**
 * The peer's choice where it made one. Else what the NATS server's place suggests: with a server on this machine the call
 * is on this machine; with one elsewhere, media takes the interface by which that server is reached.
 *
 * @param natsUrl of the server we are connected to
 */
export async function mediaAddresses(
  { listen, advertise }: { readonly listen: Endpoint | null; readonly advertise: string | null },
  natsUrl: string,
): Promise<MediaAddresses> {
  if (listen !== null && !isWildcard(listen.host)) return { listen, advertise: advertise ?? listen.host };
  const local = await addressTowards(hostOf(natsUrl));
  return { listen: listen ?? { host: local, port: 0 }, advertise: advertise ?? local };
}

function hostOf(natsUrl: string): string {
  return new URL(natsUrl).hostname.replace(/^\[|\]$/g, '');
}

function isWildcard(host: string): boolean {
  return ipaddr.parse(host).range() === 'unspecified';
}

/** Our own address on the way to a host. Connecting a UDP socket sends nothing; it only asks the routing table. */
async function addressTowards(host: string): Promise<string> {
  const { address } = await lookup(host);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(DISCARD_PORT, address, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}

/** RFC 863; any port would do. */
const DISCARD_PORT = 9;
