/** What this peer tells others of where it is, from all that it knows of that. Pure. */

import type { MappedAddress } from '../../../infra/mapping/contract.ts';
import type { InterfaceAddress } from '../../../infra/network/interfaces.ts';
import { canSendTo, isUnspecified, scopeOf } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { distinctEndpoints } from '../../../infra/path/table/addresses.ts';
import type { CandidateKind } from '../../../machines/messages.ts';
import type { OwnAddresses } from '../../../machines/pairs/candidates.ts';
import { familyOf } from '../../../machines/pairs/contract.ts';
import { seenFromOutside, type Witnesses } from '../../../machines/pairs/witnesses.ts';
import type { OwnCandidate } from '../../../machines/ports.ts';
import type { CandidateChoice } from '../../options/contract.ts';

export interface Gathered {
  /** Of the media socket. */
  readonly bound: Endpoint;
  readonly interfaces: readonly InterfaceAddress[];
  /** The host that the user gave, whose router sends our port to us. */
  readonly advertised: string | null;
  readonly mapped: MappedAddress | null;
  /** As what servers and members on the internet see us. */
  readonly witnesses: Witnesses;
  /** At a TURN server. */
  readonly relayed: readonly Endpoint[];
  readonly policy: CandidateChoice;
  /** A server was asked and may answer still. */
  readonly asking: boolean;
  /** Whoever could have told our outside address has had the time to. */
  readonly waited: boolean;
}

export function ownAddresses(gathered: Gathered): OwnAddresses {
  return gathered.policy === 'relay' ? lentAddresses(gathered) : allAddresses(gathered);
}

/** Whoever hides behind a TURN server tells neither where it is nor by what kind of router, and all are told of the server's address. */
function lentAddresses({ relayed }: Gathered): OwnAddresses {
  const candidates = relayed.map((address) => ({ ...candidate('relayed', address), isPrivate: false }));
  return { candidates, outside: null, nat: 'unknown', outsideIs: 'hidden' };
}

function allAddresses(gathered: Gathered): OwnAddresses {
  const hosts = hostCandidates(gathered);
  const seen = seenFromOutside(gathered.witnesses, hosts);
  const outside = outsideOf(gathered, hosts, seen.outside);
  const all = [
    ...hosts,
    ...mappedCandidates(gathered),
    ...seen.at.map((address) => candidate('reflexive', address)),
    ...gathered.relayed.map((address) => candidate('relayed', address)),
  ];
  return {
    candidates: distinctEndpoints(all).filter((each) => isAllowed(each, gathered.policy)),
    outside,
    nat: hosts.some(({ isPrivate, host }) => !isPrivate && familyOf({ host }) === 'ipv4') ? 'none' : seen.nat,
    outsideIs: outside !== null ? 'known' : gathered.asking ? 'asking' : gathered.waited ? 'alone' : 'untold',
  };
}

function hostCandidates({ bound, interfaces }: Gathered): OwnCandidate[] {
  if (!isUnspecified(bound.host)) return [candidate('host', bound)];
  return interfaces
    .filter(({ host }) => canSendTo(bound.host, host))
    .map(({ host }) => candidate('host', { host, port: bound.port }));
}

function mappedCandidates({ mapped, advertised, bound }: Gathered): OwnCandidate[] {
  const given = advertised === null ? [] : [candidate('mapped', { host: advertised, port: bound.port })];
  return mapped === null ? given : [...given, candidate('mapped', mapped)];
}

function candidate(kind: CandidateKind, { host, port }: Endpoint): OwnCandidate {
  return { kind, host, port, isPrivate: scopeOf(host) === 'private' };
}

/** Of IPv4: it is what all those behind one router have in common. */
function outsideOf({ mapped }: Gathered, hosts: readonly OwnCandidate[], seen: string | null): string | null {
  const own = hosts.find(({ host, isPrivate }) => !isPrivate && familyOf({ host }) === 'ipv4');
  return own?.host ?? seen ?? (mapped?.scope === 'public' ? mapped.host : null);
}

function isAllowed({ isPrivate }: OwnCandidate, policy: CandidateChoice): boolean {
  return policy === 'all' || !isPrivate;
}
