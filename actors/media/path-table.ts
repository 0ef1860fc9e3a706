/** From the machines' table, which knows peers and streams, to the packet path's, which knows addresses and SSRCs. */
import type { PathRoute, PathSink, PathTable } from '../../infra/path/contract.ts';
import type { AddressedTable } from './addressed-table.ts';

/**
 * What a token bucket allows above what was planned and promised: an encoder's rate is a mean, and headers and resends come
 * on top. What the uplink holds is the ledger's care, not the bucket's. Both ends have the same: what a source sends beyond its plan
 * is lost at its own peer, where it can be seen, and not at a relay.
 */
const LIMIT_SLACK = 1.25;

/** While an upload carries less than what is promised, so much may come at once, in ms: a frame of a stream of 5 a second. */
const THINNED_BURST_MS = 200;

/**
 * The routes and sinks of the path: the first hops of the own streams, what is forwarded of clients' streams, and what may be
 * played here, with the addresses that it may come from. RTCP is taken of members alone.
 *
 * Where two streams have one SSRC, one of the two is about to change its own (RFC 3550 section 8.2); until then it is ours, or
 * else that of whoever stands first in the table.
 */
export function pathTable({ own, relayed, members }: AddressedTable): Required<Omit<PathTable, 'origins'>> {
  const routes = new Map<number, PathRoute>();
  for (const { ssrc, media, rateBps, hops } of own) {
    const limitBps = media === 'video' && rateBps > 0 ? rateBps * LIMIT_SLACK : null;
    routes.set(ssrc, { ssrc, upstream: null, legs: hops, limitBps, media });
  }
  for (const { ssrc, media, from, legs, limitBps, isThinned } of relayed) {
    if (routes.has(ssrc)) continue;
    const to = legs.map(({ address, slices }) => ({ to: address, slices }));
    const limit = isThinned ? { limitBps, burstMs: THINNED_BURST_MS } : { limitBps: limitBps * LIMIT_SLACK };
    routes.set(ssrc, { ssrc, upstream: from, legs: to, ...limit, media });
  }
  return {
    routes: [...routes.values()],
    sinks: sinksOf({ own, members }),
    reporters: members.flatMap(({ from, rtcpFrom }) => [...from, ...rtcpFrom]),
  };
}

function sinksOf({ own, members }: Pick<AddressedTable, 'own' | 'members'>): PathSink[] {
  const relays = members.filter(({ compatible }) => compatible).flatMap(({ from }) => from);
  const taken = new Set(own.map(({ ssrc }) => ssrc));
  return members.flatMap(({ streams, from: own, compatible }) => {
    const from = compatible ? relays : [...own, ...relays];
    return streams.flatMap(({ ssrc }): PathSink[] => {
      if (taken.has(ssrc)) return [];
      taken.add(ssrc);
      return [{ ssrc, from }];
    });
  });
}
