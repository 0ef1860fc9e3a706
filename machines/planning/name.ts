/** From numbers to names: who exactly receives which slices of a stream through whom, and who goes without. */
import { SLICE_COUNT, sliceBit } from '../slices.ts';
import type { PlanRoute } from './contract.ts';
import { DIRECT, type Paths } from './fill/running.ts';
import { type Places, tieToOneWay } from './one-way.ts';
import { NOBODY, type Tree } from './reach/tree.ts';
import { type Room, sum, wantingPeers } from './room.ts';
import type { Share } from './share.ts';

const NOTHING: Paths = new Map();

/**
 * @param served the peers that are to receive the stream, as many as the share has receivers
 * @param before how they receive it now; who can stay on a path stays on it
 */
export function routesOf(
  room: Room,
  stream: number,
  share: Share,
  served: readonly number[],
  before: Paths,
): PlanRoute[] {
  if (served.length === 0) return [];
  const grouped = new Map<string, { path: number; receivers: number[]; slices: number }>();
  for (const [slice, places] of placesOf(room, stream, share, served, before).entries()) {
    for (const [path, receivers] of places) {
      receivers.sort((a, b) => a - b);
      const key = `${path}:${receivers.join(',')}`;
      const group = grouped.get(key);
      if (group === undefined) grouped.set(key, { path, receivers, slices: sliceBit(slice) });
      else group.slices |= sliceBit(slice);
    }
  }
  const id = (index: number): string => room.peers[index]?.id ?? '';
  const { owner = 0, name = '' } = room.streams[stream] ?? {};
  const inOrder = [...grouped.values()].sort((a, b) => a.path - b.path || lowestBit(a.slices) - lowestBit(b.slices));
  return inOrder.map(({ path, receivers, slices }) => ({
    source: id(owner),
    stream: name,
    slices,
    relay: path === DIRECT ? null : id(path),
    receivers: receivers.map(id),
  }));
}

/** By slice: who is served on which path. */
function placesOf(room: Room, stream: number, share: Share, served: readonly number[], before: Paths): Places[] {
  const { trees } = share;
  const order = trees === undefined ? directFirst(room, share, served) : [];
  const places = Array.from({ length: SLICE_COUNT }, (_, slice) => {
    const tree = trees?.[slice];
    return tree ? inTree(tree) : receiversByPath(share, order, slice, before);
  });
  const tied = served.filter((peer) => room.peers[peer]?.oneAddress);
  if (tied.length === 0) return places;
  const { owner = 0 } = room.streams[stream] ?? {};
  const toll = (path: number, receiver: number): number =>
    room.graph?.toll(path === DIRECT ? owner : path, receiver) ?? 0;
  tieToOneWay({
    ...{ places, tied, before },
    // The plan has paid for what goes over servers, and for no more.
    leads: (path, receiver, instead) => toll(path, receiver) <= toll(instead, receiver),
  });
  return places;
}

/**
 * Who receives each stream, by peer index. Where a share has fewer receivers than want the stream, those go without that went
 * without least often so far; its relays never do.
 *
 * @param servedNow whether a receiver gets a stream now; breaks near-ties, so that a plan does not shuffle its losses
 */
export function servedReceivers(
  room: Room,
  shares: readonly Share[],
  servedNow: (stream: number, receiver: number) => boolean,
): (stream: number) => readonly number[] {
  const losses = room.peers.map(() => 0);
  const short = new Map<number, readonly number[]>();
  shares.forEach(({ receivers, fans, trees }, stream) => {
    const { wanted = 0, owner = 0 } = room.streams[stream] ?? {};
    if (trees) {
      short.set(stream, servedInTrees(room, stream, trees));
      return;
    }
    if (receivers === wanted) return;
    const wanting = wantingPeers(room, stream);
    const relays = new Set(fans.map(({ relay }) => relay));
    const cost = (peer: number): number => (losses[peer] ?? 0) + (servedNow(stream, peer) ? 1 : 0);
    // Ties begin with the owner's neighbour, so that the losses go round.
    const turn = (peer: number): number => (peer - owner + room.peers.length) % room.peers.length;
    const dropped = wanting
      .filter((peer) => !relays.has(peer))
      .sort((a, b) => cost(a) - cost(b) || turn(a) - turn(b))
      .slice(0, wanting.length - receivers);
    for (const peer of dropped) losses[peer] = (losses[peer] ?? 0) + 1;
    const gone = new Set(dropped);
    short.set(
      stream,
      wanting.filter((peer) => !gone.has(peer)),
    );
  });
  return (stream) => short.get(stream) ?? wantingPeers(room, stream);
}

function servedInTrees(room: Room, stream: number, trees: readonly Tree[]): number[] {
  const first = trees[0];
  if (first === undefined) return [];
  return wantingPeers(room, stream).filter((peer) => first.senders[peer] !== NOBODY);
}

/** How many receivers get anything through a relay, where nobody that wants the stream is unserved and nothing ran before. */
export function relayedReceivers(room: Room, stream: number, share: Share): number {
  if (share.fans.length === 0) return 0;
  const order = directFirst(room, share, wantingPeers(room, stream));
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

function receiversByPath(share: Share, order: readonly number[], slice: number, before: Paths): Places {
  const fans = share.fans.filter(({ legs }) => (legs[slice] ?? 0) > 0);
  const relays = new Set(fans.map(({ relay }) => relay));
  const others = order.filter((peer) => !relays.has(peer));
  const quota = new Map(fans.map(({ relay, legs }) => [relay, legs[slice] ?? 0]));
  quota.set(DIRECT, others.length - sum([...quota.values()]));

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

/** The same of a tree. A relay is no receiver of the owner's: it has what it forwards. */
function inTree({ senders, loads: [own, ...relays] }: Tree): Places {
  const paths = new Map<number, number[]>();
  const relaying = new Set(relays.map(({ peer }) => peer));
  for (const [receiver, sender] of senders.entries()) {
    if (sender === NOBODY || relaying.has(receiver)) continue;
    const path = sender === own.peer ? DIRECT : sender;
    const known = paths.get(path);
    if (known === undefined) paths.set(path, [receiver]);
    else known.push(receiver);
  }
  return paths;
}

function lowestBit(mask: number): number {
  return mask & -mask;
}
