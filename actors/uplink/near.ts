/**
 * Members that are reached without the line: on this machine, or in its own network. What goes to them tells nothing of the line and
 * costs nothing of it.
 */
import { isLoopback } from '../../infra/network/scope.ts';
import { type Leaving, shareOf } from '../../machines/forwarding/narrow-legs.ts';
import { isLocal } from '../../machines/in-the-clear.ts';
import type { PeerId } from '../../machines/messages.ts';
import { sliceBps } from '../../machines/slices.ts';
import type { AddressedMember } from '../media/addressed-table.ts';

type Reached = Pick<AddressedMember, 'peer' | 'compatible' | 'address'>;

export interface Near {
  /** Whom a way leads to that speaks RPR. */
  readonly reached: readonly PeerId[];
  /** Who of them is on this machine, and who is there or in its own network. */
  readonly here: ReadonlySet<PeerId>;
  readonly near: ReadonlySet<PeerId>;
  /** Nobody is elsewhere. */
  readonly isAll: boolean;
}

/** Who is near, found anew where the members are others: one judgement for what goes out and for what comes in. */
export class NearWatch {
  readonly #isOwn: (host: string) => boolean;
  #members: readonly Reached[] | undefined;
  #near: Near = { reached: [], here: new Set(), near: new Set(), isAll: true };

  /** @param isOwn whether an address is this machine's, other than of loopback */
  constructor(isOwn: (host: string) => boolean) {
    this.#isOwn = isOwn;
  }

  of(members: readonly Reached[]): Near {
    if (members !== this.#members) this.#near = nearOf(members, this.#isOwn);
    this.#members = members;
    return this.#near;
  }
}

function nearOf(members: readonly Reached[], isOwn: (host: string) => boolean): Near {
  const reached = members.filter(({ compatible, address }) => compatible && address !== null);
  const isHere = (host: string) => isLoopback(host) || isOwn(host);
  const at = (isThere: (host: string) => boolean) =>
    reached.filter(({ address }) => address !== null && address.channel === undefined && isThere(address.host));
  const near = at((host) => isHere(host) || isLocal(host));
  return {
    reached: reached.map(({ peer }) => peer),
    here: peersOf(at(isHere)),
    near: peersOf(near),
    isAll: near.length === reached.length,
  };
}

function peersOf(members: readonly Reached[]): ReadonlySet<PeerId> {
  return new Set(members.map(({ peer }) => peer));
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
