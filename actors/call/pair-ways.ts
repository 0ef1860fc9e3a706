/** How one peer talks with each other member: what its pairs know, and who relays where a pair is cut. */
import type { Paths } from '../../machines/forwarding/paths.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import type { Reach } from '../reach/reach.ts';
import { type PairWay, pairWayOf } from '../status/pair-way.ts';

/** What is read of a participant. */
export interface PairedParticipant {
  readonly negotiation: { readonly inForce: ReadonlyMap<StreamName, Paths> } | undefined;
  readonly transport: { readonly reach: Pick<Reach, 'statusOf'> };
}

/**
 * @param carriers who carries to us what the member shows: they count where it gets nothing from us
 * @returns null of a plain endpoint, which proves no way
 */
export function wayTo(
  peer: PeerId,
  { negotiation, transport }: PairedParticipant,
  carriers: readonly PeerId[],
): PairWay | null {
  const status = transport.reach.statusOf(peer);
  if (status === undefined) return null;
  const ours = [...(negotiation?.inForce.values() ?? [])].flatMap((paths) => [...(paths.get(peer)?.keys() ?? [])]);
  const relays = ours.filter((via) => via !== null);
  return pairWayOf(status, [...new Set(relays.length > 0 ? relays : carriers)].sort());
}
