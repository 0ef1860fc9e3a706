/** What the routers in front of a peer do with its packets, and which of them refuse each other. Pure. */
import type { Endpoint, Nat } from '../messages.ts';
import { sameAddress } from '../view.ts';
import { familyOf } from './contract.ts';

/** As what somebody out there sees us. */
export interface Sighting {
  /** Who sees us: an address on the internet. */
  readonly by: string;
  readonly as: Endpoint;
}

/**
 * One address for all who see us: what is sent to it reaches us from whoever we have sent to (RFC 4787 calls this endpoint-independent
 * mapping). Another for each: nobody can know what a third one has to send to.
 *
 * @param own the addresses of our own interfaces, with the port of our socket
 */
export function natOf(sightings: readonly Sighting[], own: readonly Endpoint[]): Nat {
  if (sightings.some(({ as }) => own.some((address) => sameAddress(address, as)))) return 'none';
  const [first] = sightings;
  if (first === undefined) return 'unknown';
  const others = sightings.filter(({ by, as }) => by !== first.by && familyOf(as) === familyOf(first.as));
  if (others.length === 0) return 'unknown';
  return others.every(({ as }) => sameAddress(as, first.as)) ? 'cone' : 'symmetric';
}

/**
 * Where both ends change their port for each receiver, neither knows where to send; where one does, the other lets in only what
 * comes from where it has sent to. Some of the latter kind let in more than that: so a pair is tried still.
 */
export function refuseEachOther(ours: Nat, theirs: Nat): boolean {
  return (ours === 'symmetric' && refusesSymmetric(theirs)) || (theirs === 'symmetric' && refusesSymmetric(ours));
}

function refusesSymmetric(nat: Nat): boolean {
  return nat === 'symmetric' || nat === 'cone';
}
