/** What gives way where not everything fits: which pairs of a source and a receiver go unserved. */
import type { Share } from './packing.ts';
import { type Room, type RoomPeer, wantsSource } from './room.ts';

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
  return { ...room, peers };
}

/**
 * The room with no more than `total` pairs in all that draw on the pool, spread evenly over the sources. What a source sends
 * from upload that it does not lend costs nobody anything and is never cut.
 */
export function withAudiences(room: Room, level: number, oneMore: number): Room {
  let extras = oneMore;
  const peers = room.peers.map((peer): RoomPeer => {
    const least = peer.source?.minBps ?? 0;
    const unlent = least > 0 ? Math.floor((peer.usableBps - peer.lendBps) / least + ROUNDING) : peer.audience;
    const kept = Math.max(level, unlent);
    if (peer.audience <= kept) return peer;
    const extra = kept === level && extras > 0 ? 1 : 0;
    extras -= extra;
    return { ...peer, audience: kept + extra };
  });
  return { ...room, peers };
}

/**
 * Who receives each source, by peer index. Where a share has fewer receivers than want the source, those go without that went
 * without least often so far; its relays never do.
 *
 * @param servedNow whether a receiver gets a source now; breaks near-ties, so that a plan does not shuffle its losses
 */
export function servedReceivers(
  room: Room,
  shares: readonly Share[],
  servedNow: (source: number, receiver: number) => boolean,
): (source: number) => readonly number[] {
  const losses = room.peers.map(() => 0);
  const short = new Map<number, readonly number[]>();
  shares.forEach((share, source) => {
    const wanting = wantingPeers(room, source);
    if (share.receivers >= wanting.length) return;
    const relays = new Set(share.fans.map(({ relay }) => relay));
    const cost = (peer: number): number => (losses[peer] ?? 0) + (servedNow(source, peer) ? 1 : 0);
    const dropped = wanting
      .filter((peer) => !relays.has(peer))
      .sort((a, b) => cost(a) - cost(b) || a - b)
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
