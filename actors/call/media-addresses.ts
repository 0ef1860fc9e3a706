/** Where a peer takes media, and where it says that it does. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { ownAddressTowards } from '../../infra/network/own-address.ts';
import { isUnspecified } from '../../infra/network/scope.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { Media } from '../../machines/messages.ts';
import type { CandidateChoice } from '../options/contract.ts';

export interface MediaAddresses {
  /** Where to bind; port 0: any free one. */
  readonly listen: Endpoint;
  /** The host that plain RTP endpoints send to. */
  readonly advertise: string;
}

/**
 * The peer's choice where it made one. Else it listens on all interfaces, for which of them leads to whom is for the pairs to find
 * out; nothing but checks is answered there before. Plain endpoints are told the address by which the NATS server is reached.
 *
 * @param natsUrl of the server we are connected to
 */
export async function mediaAddresses(
  { listen, advertise }: { readonly listen: Endpoint | null; readonly advertise: string | null },
  natsUrl: string,
): Promise<MediaAddresses> {
  if (listen !== null && !isUnspecified(listen.host)) return { listen, advertise: advertise ?? listen.host };
  return {
    listen: listen ?? everywhere(),
    advertise: advertise ?? (await ownAddressTowards((await lookup(hostOf(natsUrl))).address)),
  };
}

/** Where whatever is sent is discarded (RFC 6666), at the discard port. */
const NOWHERE: Endpoint = { host: '100::', port: 9 };

/** What all are told of where they may send RTP and RTCP to, which is one port: that one which hides behind a TURN server is nowhere. */
export function toldMedia(candidates: CandidateChoice, media: Endpoint): Media {
  const { host, port } = candidates === 'relay' ? NOWHERE : media;
  return { host, port, rtcpPort: port };
}

/** All addresses of this machine, any free port. */
export function everywhere(): Endpoint {
  return { host: hasIpv6() ? '::' : '0.0.0.0', port: 0 };
}

function hostOf(natsUrl: string): string {
  return new URL(natsUrl).hostname.replace(/^\[|\]$/g, '');
}

/** A kernel without IPv6 binds no `::`. */
function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
}
