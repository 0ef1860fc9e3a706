/** From the machines' table, which knows peers and streams, to the packet path's, which knows addresses and SSRCs. */
import type { PathLeg, PathRoute, PathSink, PathTable } from '../../infra/path/contract.ts';
import { SEAL_BYTES } from '../../infra/srtp/stream-seal.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { AddressedTable } from './addressed-table.ts';

/**
 * What a token bucket allows above what was planned and promised: an encoder's rate is a mean, and headers and resends come
 * on top. What the uplink holds is the ledger's care, not the bucket's. Both ends have the same: what a source sends beyond its plan
 * is lost at its own peer, where it can be seen, and not at a relay.
 */
const LIMIT_SLACK = 1.25;

/** What sealing adds to 100 packets a second, which no encoder and no plan counts: of a voice, as much as its headers. In bit/s. */
const SEALS_BPS = 100 * 8 * SEAL_BYTES;

/** While an upload carries less than what is promised, so much may come at once, in ms: a frame of a stream of 5 a second. */
const THINNED_BURST_MS = 200;

/**
 * The routes and sinks of the path: the first hops of the own streams, what is forwarded of clients' streams, and what may be
 * played here, with the addresses that it may come from. RTCP is taken of members alone.
 *
 * Where two streams have one SSRC, one of the two is about to change its own (RFC 3550 section 8.2); until then it is ours, or
 * else that of whoever stands first in the table.
 *
 * @param isRefused whether nothing of the owner's streams is taken from that member
 */
export function pathTable(
  { own, relayed, members }: AddressedTable,
  isRefused: (owner: PeerId, via: PeerId) => boolean = () => false,
): Required<Omit<PathTable, 'origins'>> {
  const routes = new Map<number, PathRoute>();
  const sealed = new Set(members.filter(({ isSealed }) => isSealed).map(({ peer }) => peer));
  for (const { ssrc, media, rateBps, hops, holders } of own) {
    const isSealed = holders.length > 0;
    const limitBps = media === 'video' && rateBps > 0 ? limitOf(rateBps, isSealed ? 1 : 0) : null;
    const legs = hops.map(({ peer, to, slices }) => ({ to, slices, isClear: isSealed && !sealed.has(peer) }));
    const split = splitLegs(legs, null);
    routes.set(ssrc, { ssrc, upstream: null, ...split, limitBps, media });
  }
  for (const { ssrc, client, media, from, legs, limitBps, isThinned } of relayed) {
    if (routes.has(ssrc)) continue;
    const isClear = (receiver: PeerId) => sealed.has(client) && !sealed.has(receiver);
    const to = legs.map(({ receiver, address, slices }) => ({ to: address, slices, isClear: isClear(receiver) }));
    const limit = isThinned
      ? { limitBps, burstMs: THINNED_BURST_MS }
      : { limitBps: limitOf(limitBps, sealed.has(client) ? legs.length : 0) };
    routes.set(ssrc, { ssrc, upstream: from, ...splitLegs(to, limit.limitBps), ...limit, media });
  }
  const played = sinksOf({ own, members }, isRefused);
  return {
    routes: [...routes.values()],
    sinks: [...played, ...openedFor(routes, new Set(played.map(({ ssrc }) => ssrc)))],
    reporters: members.flatMap(({ from, rtcpFrom }) => [...from, ...rtcpFrom]),
  };
}

type Leg = PathLeg & { readonly isClear: boolean };

/** @param limitBps of the clear ones */
function splitLegs(legs: readonly Leg[], limitBps: number | null): Pick<PathRoute, 'legs' | 'clear'> {
  const legsOf = (isClear: boolean) =>
    legs.filter((leg) => leg.isClear === isClear).map(({ to, slices }) => ({ to, slices }));
  const clear = legsOf(true);
  return clear.length === 0 ? { legs: legsOf(false) } : { legs: legsOf(false), clear: { legs: clear, limitBps } };
}

/** @param sealed how many copies of each packet are sealed */
function limitOf(plannedBps: number, sealed: number): number {
  return plannedBps * LIMIT_SLACK + SEALS_BPS * sealed;
}

/** What is opened for plain endpoints alone comes here as if it were played. */
function openedFor(routes: ReadonlyMap<number, PathRoute>, played: ReadonlySet<number>): PathSink[] {
  return [...routes.values()].flatMap(({ ssrc, upstream, clear }) =>
    upstream === null || clear === undefined || played.has(ssrc) ? [] : [{ ssrc, from: upstream }],
  );
}

function sinksOf(
  { own, members }: Pick<AddressedTable, 'own' | 'members'>,
  isRefused: (owner: PeerId, via: PeerId) => boolean,
): PathSink[] {
  const compatible = members.filter((member) => member.compatible);
  const relays = compatible.flatMap(({ from }) => from);
  const relaysOf = (owner: PeerId) =>
    compatible.some(({ peer }) => isRefused(owner, peer))
      ? compatible.flatMap(({ peer, from }) => (isRefused(owner, peer) ? [] : from))
      : relays;
  const taken = new Set(own.map(({ ssrc }) => ssrc));
  return members.flatMap(({ peer, streams, from: own, compatible: isCompatible }) => {
    const from = isCompatible ? relaysOf(peer) : [...own, ...relays];
    return streams.flatMap(({ ssrc }): PathSink[] => {
      if (taken.has(ssrc)) return [];
      taken.add(ssrc);
      return [{ ssrc, from }];
    });
  });
}
