/** From numbers to names: who exactly receives which slices of one source through whom. */
import { SLICE_COUNT } from '../slices.ts';
import type { PlanRoute } from './contract.ts';
import type { Share } from './packing.ts';
import type { Room } from './room.ts';

/** Instead of a relay's index. */
const DIRECT = -1;

/**
 * @param served who is to receive the source, in the order of preference for direct copies; as many as the share's receivers
 * @param before where it is known, the path on which a receiver gets a slice now: a relay's index or -1
 */
export function routesOf(room: Room, source: number, share: Share, served: readonly number[]): PlanRoute[] {
  if (served.length === 0) return [];
  const order = relaysFirst(share, served);
  const grouped = new Map<string, { relay: number; receivers: number[]; slices: number }>();
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    for (const [relay, receivers] of pathsOf(share, order, slice)) {
      const key = `${relay}:${receivers.join(',')}`;
      const group = grouped.get(key) ?? { relay, receivers, slices: 0 };
      group.slices |= 1 << slice;
      grouped.set(key, group);
    }
  }
  const id = (index: number): string => room.peers[index]?.id ?? '';
  return [...grouped.values()].map(({ relay, receivers, slices }) => ({
    source: id(source),
    slices,
    relay: relay === DIRECT ? null : id(relay),
    receivers: [...receivers].sort((a, b) => a - b).map(id),
  }));
}

/** Relays take their copies direct wherever copies suffice, so that as few receivers as possible hang on somebody else. */
function relaysFirst(share: Share, served: readonly number[]): number[] {
  const relays = new Set(share.fans.map((fan) => fan.relay));
  return [...served.filter((peer) => relays.has(peer)), ...served.filter((peer) => !relays.has(peer))];
}

function pathsOf(share: Share, order: readonly number[], slice: number): Map<number, number[]> {
  const active = share.fans.filter((fan) => (fan.legs[slice] ?? 0) > 0);
  const relays = new Set(active.map((fan) => fan.relay));
  const others = order.filter((peer) => !relays.has(peer));
  const paths = new Map<number, number[]>();
  let at = (share.direct[slice] ?? 0) - relays.size;
  if (at > 0) paths.set(DIRECT, others.slice(0, at));
  for (const { relay, legs } of active) {
    const count = legs[slice] ?? 0;
    paths.set(relay, others.slice(at, at + count));
    at += count;
  }
  return paths;
}
