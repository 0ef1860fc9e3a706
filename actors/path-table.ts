/** From the machines' table, which knows peers and streams, to the packet path's, which knows addresses and SSRCs. */
import type { PathRoute, PathSink, PathTable } from '../infra/path/contract.ts';
import type { TransportTable } from '../machines/ports.ts';

/**
 * What an agreement's token bucket allows above what was promised: an encoder's rate is a mean, and headers and resends come
 * on top. What the uplink holds is the ledger's care, not the bucket's.
 */
const LIMIT_SLACK = 1.25;

/**
 * The routes and sinks of the path: the first hops of the own streams, what is forwarded of clients' streams, and what may be
 * played here, with the addresses that it may come from.
 *
 * Where two streams have one SSRC, one of the two is about to change its own (RFC 3550 section 8.2); until then it is ours, or
 * else that of whoever stands first in the table.
 */
export function pathTable({ own, relayed, members }: TransportTable): PathTable {
  const routes = new Map<number, PathRoute>();
  for (const { ssrc, media, hops } of own) {
    routes.set(ssrc, { ssrc, upstream: null, legs: hops, limitBps: null, media });
  }
  for (const { ssrc, media, upstream, legs, limitBps } of relayed) {
    if (routes.has(ssrc)) continue;
    const to = legs.map(({ address, slices }) => ({ to: address, slices }));
    routes.set(ssrc, { ssrc, upstream, legs: to, limitBps: limitBps * LIMIT_SLACK, media });
  }
  return { routes: [...routes.values()], sinks: sinksOf({ own, members }) };
}

function sinksOf({ own, members }: Pick<TransportTable, 'own' | 'members'>): PathSink[] {
  const relays = members.filter(({ compatible }) => compatible).map(({ address }) => address);
  const taken = new Set(own.map(({ ssrc }) => ssrc));
  return members.flatMap(({ streams, address, compatible }) => {
    const from = compatible ? relays : [address, ...relays];
    return streams.flatMap(({ ssrc }): PathSink[] => {
      if (taken.has(ssrc)) return [];
      taken.add(ssrc);
      return [{ ssrc, from }];
    });
  });
}
