/** From numbers to names: who exactly receives which slices of one source through whom. */
import { SLICE_COUNT, sliceBit } from '../slices.ts';
import type { PlanRoute } from './contract.ts';
import { DIRECT, type Paths } from './incumbents.ts';
import type { Room } from './room.ts';
import type { Share } from './share.ts';
import { wantingPeers } from './shortage.ts';
import { sum } from './sum.ts';

const NOTHING: Paths = new Map();

/**
 * @param served the peers that are to receive the source, as many as the share has receivers
 * @param before how they receive it now; who can stay on a path stays on it
 */
export function routesOf(
  room: Room,
  source: number,
  share: Share,
  served: readonly number[],
  before: Paths,
): PlanRoute[] {
  if (served.length === 0) return [];
  const order = directFirst(room, share, served);
  const grouped = new Map<string, { path: number; receivers: number[]; slices: number }>();
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    for (const [path, receivers] of receiversByPath(share, order, slice, before)) {
      receivers.sort((a, b) => a - b);
      const key = `${path}:${receivers.join(',')}`;
      const group = grouped.get(key);
      if (group === undefined) grouped.set(key, { path, receivers, slices: sliceBit(slice) });
      else group.slices |= sliceBit(slice);
    }
  }
  const id = (index: number): string => room.peers[index]?.id ?? '';
  const inOrder = [...grouped.values()].sort((a, b) => a.path - b.path || lowestBit(a.slices) - lowestBit(b.slices));
  return inOrder.map(({ path, receivers, slices }) => ({
    source: id(source),
    slices,
    relay: path === DIRECT ? null : id(path),
    receivers: receivers.map(id),
  }));
}

/** How many receivers get anything through a relay, where nobody that wants the source is unserved and nothing ran before. */
export function relayedReceivers(room: Room, source: number, share: Share): number {
  if (share.fans.length === 0) return 0;
  const order = directFirst(room, share, wantingPeers(room, source));
  const relayed = new Set<number>();
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    for (const [path, receivers] of receiversByPath(share, order, slice, NOTHING)) {
      if (path !== DIRECT) for (const receiver of receivers) relayed.add(receiver);
    }
  }
  return relayed.size;
}

/**
 * Relays take their copies direct wherever copies suffice, so that as few receivers as possible hang on somebody else, and those
 * first that forward most slices; then come those that may reorder badly what arrives on several paths.
 */
function directFirst(room: Room, share: Share, served: readonly number[]): number[] {
  const slicesOf = (legs: readonly number[]): number => legs.filter((count) => count > 0).length;
  const relays = [...share.fans].sort(
    (a, b) => slicesOf(b.legs) - slicesOf(a.legs) || sum(b.legs) - sum(a.legs) || a.relay - b.relay,
  );
  const places = new Map(relays.map(({ relay }, place) => [relay, place]));
  const plain = (peer: number): number => (room.peers[peer]?.compatible === false ? 0 : 1);
  const placeOf = (peer: number): number => places.get(peer) ?? relays.length + plain(peer);
  return [...served].sort((a, b) => placeOf(a) - placeOf(b) || a - b);
}

function receiversByPath(share: Share, order: readonly number[], slice: number, before: Paths): Map<number, number[]> {
  const fans = share.fans.filter(({ legs }) => (legs[slice] ?? 0) > 0);
  const relays = new Set(fans.map(({ relay }) => relay));
  const others = order.filter((peer) => !relays.has(peer));
  const quota = new Map(fans.map(({ relay, legs }) => [relay, legs[slice] ?? 0]));
  quota.set(DIRECT, others.length - sum(quota.values()));

  const paths = new Map<number, number[]>([...quota.keys()].map((path) => [path, []]));
  const assign = (path: number, peer: number): boolean => {
    const left = quota.get(path) ?? 0;
    if (left === 0) return false;
    quota.set(path, left - 1);
    paths.get(path)?.push(peer);
    return true;
  };
  const stays = (peer: number): boolean => {
    for (const path of quota.keys()) {
      if (((before.get(path)?.get(peer) ?? 0) & sliceBit(slice)) !== 0) return assign(path, peer);
    }
    return false;
  };
  const rest = others.filter((peer) => !stays(peer));
  const open = [DIRECT, ...relays];
  for (const peer of rest) while (open[0] !== undefined && !assign(open[0], peer)) open.shift();
  for (const [path, receivers] of paths) if (receivers.length === 0) paths.delete(path);
  return paths;
}

function lowestBit(mask: number): number {
  return mask & -mask;
}
