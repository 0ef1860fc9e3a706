/** What the findings mean: which NAT we sit behind, which other members reach us how, and what would help. Pure. */
import { scopeOf } from '../../infra/network/scope.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import type { Nat } from '../../machines/messages.ts';
import { refuseEachOther } from '../../machines/pairs/nat.ts';
import type { Sighting } from '../../machines/pairs/witnesses.ts';
import { ownAddresses } from '../reach/addresses/own-addresses.ts';
import { adviceFor } from './advice.ts';
import type { Findings, Other, Verdict, Way } from './contract.ts';

/** One server may be down; that two are, and nobody else answers, is less likely than a firewall. */
const LEAST_SILENT = 2;

export function judge(findings: Findings): Verdict {
  const sightings = sightingsOf(findings);
  const mapped = findings.mapping.kind === 'mapped' ? findings.mapping.mapped : null;
  const { candidates, outside, nat } = ownAddresses({
    ...{ bound: findings.bound, interfaces: findings.addresses, advertised: null, mapped },
    witnesses: { servers: sightings, members: [] },
    ...{ relayed: [], policy: 'all', asking: false, waited: true },
  });
  if (isBlocked(findings, sightings)) {
    const none = { nat: 'blocked', outside, openAt: [], reaches: NEVER } as const;
    return { ...none, advice: adviceFor(none, findings) };
  }
  const openAt = candidates
    .filter(
      ({ kind, host, isPrivate }) => !isPrivate && (kind === 'mapped' || (kind === 'host' && !host.includes(':'))),
    )
    .map(({ host, port }) => ({ host, port }));
  const hasTurn = findings.turn?.kind === 'allocated';
  const wayOf = (other: Other) => wayTo(other, nat, openAt.length > 0, hasTurn);
  const reaches = {
    ...{ open: wayOf('open'), cone: wayOf('cone'), symmetric: wayOf('symmetric'), blocked: wayOf('blocked') },
  };
  const known = { nat, outside, openAt, reaches };
  return { ...known, advice: adviceFor(known, findings) };
}

const NEVER: Verdict['reaches'] = { open: 'never', cone: 'never', symmetric: 'never', blocked: 'never' };

function wayTo(other: Other, nat: Nat, isOpen: boolean, hasTurn: boolean): Way {
  if (other === 'blocked') return 'never';
  if (isOpen || other === 'open') return 'direct';
  // What a router does to us that nobody has told, the first member that we talk with finds out.
  if (nat === 'unknown') return hasTurn ? 'turn' : 'ask';
  if (!refuseEachOther(nat, other)) return 'direct';
  return hasTurn ? 'turn' : 'relay';
}

/** As what servers on the internet see us: one in our own network sees what no other member does. */
function sightingsOf({ stun, turn }: Findings): Sighting[] {
  const seen = stun.flatMap(({ at, says }) =>
    says.kind === 'mapped' && scopeOf(at.host) === 'public' ? [{ by: endpointText(at), as: says.address }] : [],
  );
  const mapped = turn?.kind === 'allocated' ? turn.mapped : null;
  return mapped === null || scopeOf(mapped.host) === 'private' ? seen : [...seen, { by: 'turn', as: mapped }];
}

function isBlocked({ stun, turn }: Findings, sightings: readonly Sighting[]): boolean {
  const isOutside = ({ host }: Endpoint) => scopeOf(host) === 'public' && !host.includes(':');
  const silent = stun.filter(({ at, says }) => says.kind === 'silent' && isOutside(at)).length;
  const isTurnSilent = turn?.kind === 'failed' && turn.failure.code === 'turn.silent';
  const hasAnswered =
    sightings.length > 0 || stun.some(({ says }) => says.kind !== 'silent') || (turn !== null && !isTurnSilent);
  return !hasAnswered && silent + (isTurnSilent ? 1 : 0) >= LEAST_SILENT;
}
