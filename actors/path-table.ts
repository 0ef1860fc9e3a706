/** From the machines' table, which knows peers and agreements, to the packet path's, which knows addresses and SSRCs. */
import type { PathRoute, PathSink, PathTable } from '../infra/path/contract.ts';
import type { TransportTable } from '../machines/ports.ts';
import { sameAddress } from '../machines/view.ts';

/**
 * What an agreement's token bucket allows above what was promised: an encoder's rate is a mean, and headers and resends come
 * on top. What the uplink holds is the ledger's care, not the bucket's.
 */
const LIMIT_SLACK = 1.25;

/**
 * The routes and sinks of the path: the own source's first hops, what is forwarded for clients, and what may be played here, with
 * the addresses that it may come from.
 */
export function pathTable({ own, relayed, members }: TransportTable): PathTable {
  const routes = new Map<number, PathRoute>();
  if (own !== null) {
    const { ssrc, media, hops } = own;
    routes.set(ssrc, { ssrc, upstream: null, legs: hops, limitBps: null, media });
  }
  const mediaOf = new Map(members.map(({ peer, source }) => [peer, source?.media ?? 'video']));
  for (const { client, ssrc, upstream, legs, limitBps } of relayed) {
    // While a client moves from one agreement to the next, both run; the path has one route an SSRC.
    const before = routes.get(ssrc);
    // Two sources with one SSRC: the later one is about to change its own (RFC 3550 section 8.2).
    if (before !== undefined && (before.upstream === null || !sameAddress(before.upstream, upstream))) continue;
    routes.set(ssrc, {
      ssrc,
      upstream,
      legs: [...(before?.legs ?? []), ...legs.map(({ address, slices }) => ({ to: address, slices }))],
      limitBps: (before?.limitBps ?? 0) + limitBps * LIMIT_SLACK,
      media: mediaOf.get(client) ?? 'video',
    });
  }
  const relays = members.filter(({ compatible }) => compatible).map(({ address }) => address);
  const sinks = new Map<number, PathSink>();
  for (const { source, address, compatible } of members) {
    if (source === null || sinks.has(source.ssrc) || source.ssrc === own?.ssrc) continue;
    sinks.set(source.ssrc, { ssrc: source.ssrc, from: compatible ? relays : [address, ...relays] });
  }
  return { routes: [...routes.values()], sinks: [...sinks.values()] };
}
