/** The servers of `--stun` and `--turn` by number. A name is looked up once, at the start: what a later look-up tells may be anybody's. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { distinctEndpoints, normalizeEndpoint } from '../../../infra/path/table/addresses.ts';
import type { ReachChoice } from '../../options/contract.ts';

/** What a person is told of a name that leads nowhere. */
export interface ServerNameNews {
  readonly type: 'server.unresolved';
  readonly option: '--stun' | '--turn';
  readonly host: string;
  /** `unknown`: nobody has that name; `unanswered`: who knows the names was not reached, or has failed. */
  readonly reason: 'unknown' | 'unanswered';
}

/** In canonical form. Of a server that has both, first its first IPv4 address, then its first IPv6 address. */
export interface ServerAddresses {
  /** Each address once. */
  readonly stun: readonly Endpoint[];
  /** Of the one TURN server; empty where there is none, or its name leads nowhere. */
  readonly turn: readonly Endpoint[];
}

/** All addresses of a name, as the system's resolver gives them. */
export type LookUp = (name: string) => Promise<readonly { readonly address: string }[]>;

/**
 * Never throws: what cannot be resolved is said and left out.
 *
 * @param say once for each server whose name leads nowhere
 */
export async function serverAddresses(
  { stun, turn }: Pick<ReachChoice, 'stun' | 'turn'>,
  say: (news: ServerNameNews) => void,
  lookUp: LookUp = (name) => lookup(name, { all: true }),
): Promise<ServerAddresses> {
  const resolve = async (option: ServerNameNews['option'], server: Endpoint): Promise<readonly Endpoint[]> => {
    const found = await addressesOf(server, lookUp);
    if (typeof found !== 'string') return found;
    say({ type: 'server.unresolved', option, host: server.host, reason: found });
    return [];
  };
  const [turns, ...stuns] = await Promise.all([
    turn === null ? [] : resolve('--turn', turn.server),
    ...stun.map((server) => resolve('--stun', server)),
  ]);
  return { stun: distinctEndpoints(stuns.flat()), turn: turns };
}

export function serverNameSentence({ option, host, reason }: ServerNameNews): string {
  return reason === 'unknown'
    ? `no address is known for "${host}": check the name in ${option}. Nothing is asked of that server`
    : `"${host}" of ${option} could not be looked up: is this machine connected? Nothing is asked of that server until the next start`;
}

async function addressesOf(
  { host, port }: Endpoint,
  lookUp: LookUp,
): Promise<readonly Endpoint[] | ServerNameNews['reason']> {
  if (isIP(host) !== 0) return [normalizeEndpoint({ host, port })];
  try {
    const found = (await lookUp(host)).flatMap(({ address }) => usable({ host: address, port }));
    const ipv4 = found.find((each) => !each.host.includes(':'));
    const ipv6 = found.find((each) => each.host.includes(':'));
    const both = [ipv4, ipv6].filter((each) => each !== undefined);
    return both.length === 0 ? 'unknown' : both;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOTFOUND' ? 'unknown' : 'unanswered';
  }
}

/** A hosts file may hold an address that is only good on one of our interfaces, and a wildcard is where nobody is. */
function usable(endpoint: Endpoint): Endpoint[] {
  if (isIP(endpoint.host) === 0 || endpoint.host.includes('%')) return [];
  const { host, port } = normalizeEndpoint(endpoint);
  return host === '0.0.0.0' || host === '::' ? [] : [{ host, port }];
}
