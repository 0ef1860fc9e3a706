/** What is to be believed of how others see us: servers that the user chose before members, and many members before few. Pure. */

import { sameAddress } from '../claimed-addresses.ts';
import type { Endpoint, Nat } from '../messages.ts';
import { type Family, familyOf } from './contract.ts';

/** As what somebody out there sees us. */
export interface Sighting {
  /** Who sees us: an address on the internet. */
  readonly by: string;
  readonly as: Endpoint;
}

export interface Witnesses {
  /** Of servers that the user has named: they have no part in the call. */
  readonly servers: readonly Sighting[];
  /** The last word of each member, one a member, and first whose has stood longest: any of them may lie. */
  readonly members: readonly Sighting[];
}

/** As what we are seen from outside, as far as that is certain. */
export interface Seen {
  readonly nat: Nat;
  /** Of IPv4. */
  readonly outside: string | null;
  /** Where others may try us; where members contradict each other one of them may be nobody's. */
  readonly at: readonly Endpoint[];
}

/** With so many outside ports two members at least would have to lie together to make a router look as if it had one for each. */
const SURELY_SYMMETRIC = 3;
/** What most say, and what the next say while that are not more than half: of one liar's words one goes out at most. */
const MOST_DISPUTED = 2;

/**
 * One address for all who see us: what is sent to it reaches us from whoever we have sent to (RFC 4787 calls this endpoint-independent
 * mapping). Another for each: nobody can know what a third one has to send to.
 *
 * The outside host is what a server says, else what most members say, else what has been said longest: of two that contradict each
 * other the later one changes nothing. If it lies nothing is lost, and if it does not the other one says the same a moment later. Two
 * that see one host and another port each are taken for a sign of a symmetric router: that members who reach us both may carry what
 * we send is foretold at once, and costs a moment of relaying if one of them has lied. But both addresses are tried still, so that a
 * lie closes no way; only where three see three ports none of them is of use to a fourth, and none is told.
 *
 * @param own the addresses of our own interfaces, with the port of our socket
 */
export function seenFromOutside({ servers, members }: Witnesses, own: readonly Endpoint[]): Seen {
  const of = (family: Family): Witnesses => {
    const isOf = ({ as }: Sighting) => familyOf(as) === family;
    return { servers: servers.filter(isOf), members: members.filter(isOf) };
  };
  const [ipv4, ipv6] = [of('ipv4'), of('ipv6')];
  const hasIpv4 = own.some(({ host }) => familyOf({ host }) === 'ipv4') || firstOf(ipv4) !== undefined;
  const judged = hasIpv4 ? ipv4 : ipv6;
  const nat = natOf(judged, own);
  const isHidden = nat === 'symmetric' && (places(judged.servers) > 1 || portsOf(judged) >= SURELY_SYMMETRIC);
  return {
    ...{ nat, outside: firstOf(ipv4)?.as.host ?? null },
    at: isHidden ? [] : [...placesOf(ipv4), ...placesOf(ipv6)],
  };
}

function natOf(witnesses: Witnesses, own: readonly Endpoint[]): Nat {
  const { servers, members } = witnesses;
  const first = firstOf(witnesses);
  if (first === undefined) return 'unknown';
  if ([first, ...servers].some(({ as }) => own.some((address) => sameAddress(address, as)))) return 'none';
  if (places(servers) > 1) return servers.every(({ as }) => sameAddress(as, first.as)) ? 'cone' : 'symmetric';
  const agreeing = members.filter(({ as }) => sameAddress(as, first.as));
  const isConfirmed = places([...servers, ...agreeing]) > 1;
  if (2 * agreeing.length > members.length) return isConfirmed ? 'cone' : 'unknown';
  const ports = portsOf(witnesses);
  if (ports >= SURELY_SYMMETRIC) return 'symmetric';
  if (isConfirmed && 2 * agreeing.length === members.length) return 'cone';
  return ports > 1 && places([...servers, ...members]) > 1 ? 'symmetric' : 'unknown';
}

/** From how many places we are seen: two members at one host may see the same though the router has another port for each host. */
function places(sightings: readonly Sighting[]): number {
  return new Set(sightings.map(({ by }) => by)).size;
}

/** As how many ports of our outside host. */
function portsOf(witnesses: Witnesses): number {
  const host = firstOf(witnesses)?.as.host;
  const all = [...witnesses.servers, ...witnesses.members].filter(({ as }) => as.host === host);
  return new Set(all.map(({ as }) => as.port)).size;
}

function placesOf({ servers, members }: Witnesses): readonly Endpoint[] {
  if (servers.length > 0) return servers.map(({ as }) => as);
  const ranked = rankedWords(members);
  const [first, second] = ranked;
  const isSettled = first !== undefined && 2 * first.length > members.length;
  return [first, ...(isSettled ? [] : [second])].slice(0, MOST_DISPUTED).flatMap((words) => words?.[0]?.as ?? []);
}

/** Whom to believe before all others. */
function firstOf({ servers, members }: Witnesses): Sighting | undefined {
  return servers[0] ?? rankedWords(members)[0]?.[0];
}

/** Members that say the same, the most first; of a host that most name before all others. */
function rankedWords(members: readonly Sighting[]): Sighting[][] {
  const ofHosts = grouped(members, ({ host }) => host);
  return ofHosts.flatMap((ofHost) => grouped(ofHost, ({ port }) => port));
}

/** The largest group first; of two alike the one whose first word has stood longer. */
function grouped(sightings: readonly Sighting[], by: (as: Endpoint) => string | number): Sighting[][] {
  const groups = new Map<string | number, Sighting[]>();
  for (const sighting of sightings) {
    const group = groups.get(by(sighting.as));
    if (group === undefined) groups.set(by(sighting.as), [sighting]);
    else group.push(sighting);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}
