/**
 * Members that are reached without the line: on this machine, or in its own network. What goes to them tells nothing of the line and
 * costs nothing of it.
 */
import { type Leaving, shareOf } from '../../machines/forwarding/narrow-legs.ts';
import { isLocal } from '../../machines/in-the-clear.ts';
import type { PeerId } from '../../machines/messages.ts';
import { sliceBps } from '../../machines/slices.ts';
import type { AddressedMember } from '../media/addressed-table.ts';

/** @param isOwn whether an address is this machine's, other than of loopback */
export function isNear({ address }: Pick<AddressedMember, 'address'>, isOwn: (host: string) => boolean): boolean {
  return address !== null && address.channel === undefined && (isLocal(address.host) || isOwn(address.host));
}

/** What is to go to these members, in bit/s of UDP payload. */
export function bpsTo({ own, relayed }: Leaving, peers: ReadonlySet<PeerId>): number {
  if (peers.size === 0) return 0;
  const ofOwn = own.flatMap(({ rateBps, hops }) =>
    hops.filter(({ peer }) => peers.has(peer)).map(({ slices }) => sliceBps(slices, rateBps)),
  );
  const ofOthers = relayed.flatMap((route) =>
    route.legs.filter(({ receiver }) => peers.has(receiver)).map(({ slices }) => shareOf(route, slices)),
  );
  return [...ofOwn, ...ofOthers].reduce((sum, bps) => sum + bps, 0);
}
