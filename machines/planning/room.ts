/** The room in the planner's own shape: peers by index in the order of their ids, every default filled in. */
import type { PlanInput, PlanSource } from './contract.ts';

export interface RoomPeer {
  readonly id: string;
  /** Upload times headroom, bit/s. */
  readonly usableBps: number;
  /** What others may use of it; 0 where the peer can't relay. */
  readonly lendBps: number;
  readonly downloadBps: number;
  readonly compatible: boolean;
  /** Indices of the sources it receives; `null`: all. */
  readonly wants: ReadonlySet<number> | null;
  readonly source: PlanSource | null;
  /** How many peers receive its source. */
  readonly audience: number;
}

export interface Room {
  readonly peers: readonly RoomPeer[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** By index. */
  readonly ids: readonly string[];
  /** Whether everybody receives every source but its own. */
  readonly allWatchAll: boolean;
}

/** A peer given twice counts once. Results must not depend on the order of the input: the order of the ids rules. */
export function roomOf(input: PlanInput): Room {
  const given = [...new Map(input.peers.map((peer) => [peer.id, peer])).values()].sort((a, b) => byText(a.id, b.id));
  const indexOf = new Map(given.map((peer, index) => [peer.id, index]));
  const wants = given.map((peer) => {
    if (peer.wants === undefined) return null;
    return new Set(peer.wants.flatMap((id) => indexOf.get(id) ?? []));
  });
  const audience = audiences(wants);
  const peers = given.map((peer, index): RoomPeer => {
    const usableBps = peer.uploadBps * input.headroom;
    const compatible = peer.compatible ?? true;
    return {
      id: peer.id,
      usableBps,
      lendBps: compatible ? Math.min(peer.lendBps ?? usableBps, usableBps) : 0,
      downloadBps: peer.downloadBps ?? Number.POSITIVE_INFINITY,
      compatible,
      wants: wants[index] ?? null,
      source: peer.source ?? null,
      audience: peer.source === undefined ? 0 : (audience[index] ?? 0),
    };
  });
  return { peers, indexOf, ids: given.map(({ id }) => id), allWatchAll: wants.every((set) => set === null) };
}

/** Whether a peer receives a source; nobody receives its own. */
export function wantsSource(room: Room, receiver: number, source: number): boolean {
  if (receiver === source) return false;
  if (room.allWatchAll) return receiver < room.peers.length;
  const peer = room.peers[receiver];
  return peer !== undefined && (peer.wants === null || peer.wants.has(source));
}

/** Whether a peer gets a source anyway and can pass it on. */
export function mayRelay(room: Room, peer: number, source: number): boolean {
  return room.peers[peer]?.compatible === true && wantsSource(room, peer, source);
}

/** Code unit order: the same on every machine, whatever its locale. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function audiences(wants: readonly (ReadonlySet<number> | null)[]): number[] {
  const everything = wants.filter((set) => set === null).length;
  const counts = wants.map((set) => (set === null ? everything - 1 : everything));
  wants.forEach((set, receiver) => {
    set?.forEach((source) => {
      if (source !== receiver) counts[source] = (counts[source] ?? 0) + 1;
    });
  });
  return counts;
}
