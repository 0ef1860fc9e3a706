/** What gives way where not everything fits: which pairs of a source and a receiver go unserved. */
import { poolBalance } from './bound.ts';
import { type Room, type RoomPeer, wantsSource } from './room.ts';
import type { Share } from './share.ts';

/**
 * The room without what its least rates can't reach whatever is left out elsewhere: sources that can't send one copy, plain
 * endpoints that would have to send more copies than they can, and pairs beyond a receiver's download.
 */
export function withinOwnLimits(room: Room): Room {
  const peers = limitDownloads(room).map((peer): RoomPeer => {
    const least = peer.source?.minBps ?? 0;
    const copies = least > 0 ? Math.floor(peer.usableBps / least + ROUNDING) : peer.audience;
    if (copies === 0) return { ...peer, audience: 0 };
    return peer.compatible ? peer : { ...peer, audience: Math.min(peer.audience, copies) };
  });
  return { ...room, peers, allWatchAll: peers.every(({ wants }) => wants === null) };
}

/**
 * The room with as large audiences as its pool holds at the least rates. All sources rise together, one receiver at a time; who
 * can't rise any more stops, and the others go on.
 *
 * @param part how much of the lent upload may be used: packing whole legs wastes some
 */
export function withAffordableAudiences(room: Room, part: number): Room {
  const rates = room.peers.map((peer) => peer.source?.minBps ?? 0);
  const ceilings = room.peers.map((peer) => peer.audience);
  const counts = room.peers.map(() => 0);
  const fits = (tried: readonly number[]): boolean => {
    const { taken, given } = poolBalance(room, rates, tried);
    return taken <= part * given * (1 + ROUNDING);
  };
  let rising = counts.flatMap((_, index) => ((ceilings[index] ?? 0) > 0 ? [index] : []));
  while (rising.length > 0) {
    const raised = (level: number): number[] => {
      const next = [...counts];
      for (const index of rising) next[index] = Math.max(counts[index] ?? 0, Math.min(ceilings[index] ?? 0, level));
      return next;
    };
    raised(largest(room.peers.length, (level) => fits(raised(level)))).forEach((count, index) => {
      counts[index] = count;
    });
    const cheapestFirst = [...rising].sort((a, b) => (rates[a] ?? 0) - (rates[b] ?? 0) || a - b);
    const rose = new Set<number>();
    for (const index of cheapestFirst) {
      const count = counts[index] ?? 0;
      if (count >= (ceilings[index] ?? 0)) continue;
      counts[index] = count + 1;
      if (fits(counts)) rose.add(index);
      else counts[index] = count;
    }
    rising = rising.filter((index) => rose.has(index));
  }
  return { ...room, peers: room.peers.map((peer, index) => ({ ...peer, audience: counts[index] ?? 0 })) };
}

/** The largest whole number up to a limit that passes; 0 always does. */
function largest(limit: number, passes: (value: number) => boolean): number {
  let low = 0;
  let high = limit + 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Who receives each source, by peer index. Where a share has fewer receivers than want the source, those go without that went
 * without least often so far; its relays never do.
 *
 * @param asked the room as it was asked for
 * @param room the same with the audiences that can be served
 * @param servedNow whether a receiver gets a source now; breaks near-ties, so that a plan does not shuffle its losses
 */
export function servedReceivers(
  asked: Room,
  room: Room,
  shares: readonly Share[],
  servedNow: (source: number, receiver: number) => boolean,
): (source: number) => readonly number[] {
  const losses = room.peers.map(() => 0);
  const short = new Map<number, readonly number[]>();
  shares.forEach((share, source) => {
    if (share.receivers === asked.peers[source]?.audience) return;
    const wanting = wantingPeers(room, source);
    const relays = new Set(share.fans.map(({ relay }) => relay));
    const cost = (peer: number): number => (losses[peer] ?? 0) + (servedNow(source, peer) ? 1 : 0);
    // Ties begin with the source's neighbour, so that the losses go round.
    const turn = (peer: number): number => (peer - source + room.peers.length) % room.peers.length;
    const dropped = wanting
      .filter((peer) => !relays.has(peer))
      .sort((a, b) => cost(a) - cost(b) || turn(a) - turn(b))
      .slice(0, wanting.length - share.receivers);
    for (const peer of dropped) losses[peer] = (losses[peer] ?? 0) + 1;
    const gone = new Set(dropped);
    short.set(
      source,
      wanting.filter((peer) => !gone.has(peer)),
    );
  });
  return (source) => short.get(source) ?? wantingPeers(room, source);
}

/** Everybody who wants a source, whether it can be served or not. */
export function wantingPeers(room: Room, source: number): number[] {
  if (room.peers[source]?.source === null) return [];
  return room.peers.flatMap((_, receiver) => (wantsSource(room, receiver, source) ? [receiver] : []));
}

const ROUNDING = 1e-9;

/** A receiver whose download is too small for all that it wants does without the sources that most others receive. */
function limitDownloads(room: Room): RoomPeer[] {
  const audience = room.peers.map((peer) => peer.audience);
  const wants = room.peers.map((peer) => peer.wants);
  room.peers.forEach((peer, receiver) => {
    if (!Number.isFinite(peer.downloadBps)) return;
    const sources = room.peers.flatMap((_, source) =>
      wantsSource(room, receiver, source) && room.peers[source]?.source !== null ? [source] : [],
    );
    const least = (source: number): number => room.peers[source]?.source?.minBps ?? 0;
    let excess = sources.reduce((total, source) => total + least(source), 0) - peer.downloadBps * (1 + ROUNDING);
    const kept = new Set(sources);
    while (excess > 0 && kept.size > 0) {
      const costly = [...kept].filter((source) => least(source) > 0);
      const [dropped] = costly.sort((a, b) => (audience[b] ?? 0) - (audience[a] ?? 0) || a - b);
      if (dropped === undefined) break;
      kept.delete(dropped);
      audience[dropped] = (audience[dropped] ?? 0) - 1;
      excess -= least(dropped);
    }
    if (kept.size < sources.length) wants[receiver] = kept;
  });
  return room.peers.map((peer, index) => ({ ...peer, wants: wants[index] ?? null, audience: audience[index] ?? 0 }));
}
