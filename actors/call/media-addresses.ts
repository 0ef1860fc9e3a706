/** Where a peer takes media, and the address it tells others. */
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { ownAddressTowards } from '../../infra/network/own-address.ts';
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

/** Our own address on the way to a host, which may be a name. */
async function addressTowards(host: string): Promise<string> {
  return ownAddressTowards((await lookup(host)).address);
}
