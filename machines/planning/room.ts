/**
 * The room in the planner's own shape: peers by index in the order of their ids, streams by index in the order of their owners,
 * audio before video; every default filled in. Uploads belong to owners, audiences and rates to streams.
 */
import type { PlanInput, PlanPeer, PlanStream } from './contract.ts';
import { type Graph, graphOf } from './reach/graph.ts';

export interface RoomPeer {
  readonly id: string;
  /** Upload times headroom, bit/s. */
  readonly usableBps: number;
  /** What others may use of it; 0 where the peer can't relay. */
  readonly lendBps: number;
  readonly downloadBps: number;
  readonly compatible: boolean;
  /** Has to get each stream whole from one address. */
  readonly oneAddress: boolean;
  /** Indices of its streams. */
  readonly streams: readonly number[];
}

export interface RoomStream {
  readonly name: string;
  /** Index of the peer that sends it. */
  readonly owner: number;
  readonly audio: boolean;
  /** Every receiver gets all of it over one path: audio, and what somebody wants who ties a stream to one address. */
  readonly whole: boolean;
  readonly minBps: number;
  /** Not above what any want for it allows, unless that is below the least rate. */
  readonly maxBps: number;
  /** Index of the lowest layer of its group; of itself where it is in none. Wants for a group are wants for that one. */
  readonly lead: number;
  /** Indices of the layers of its group, lowest first; only itself where it is in none. */
  readonly layers: readonly number[];
  /** How many peers want it. */
  readonly wanted: number;
  /** How many of them are to receive it. */
  readonly audience: number;
}

export interface Room {
  readonly peers: readonly RoomPeer[];
  readonly streams: readonly RoomStream[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** By peer index. */
  readonly ids: readonly string[];
  /** By peer index: indices of the streams it receives; `null`: all but its own. */
  readonly wants: readonly (ReadonlySet<number> | null)[];
  /** By peer index and stream: the highest rate that a want allows, where it names one. */
  readonly caps: readonly (ReadonlyMap<number, number> | null)[];
  /** Whether everybody receives every stream but its own. */
  readonly allWatchAll: boolean;
  /** Who reaches whom directly; `null`: everybody everybody. */
  readonly graph: Graph | null;
  /** Nothing is split that somebody wants who ties a stream to one address. */
  readonly sparesTied: boolean;
}

/** A peer given twice counts once. Results must not depend on the order of the input: the order of the ids rules. */
export function roomOf(input: PlanInput): Room {
  const given = [...new Map(input.peers.map((peer) => [peer.id, peer])).values()].sort((a, b) => byText(a.id, b.id));
  const indexOf = new Map(given.map((peer, index) => [peer.id, index]));
  const streams: RoomStream[] = [];
  const peers = given.map((peer, owner): RoomPeer => {
    const usableBps = peer.uploadBps * input.headroom;
    const compatible = peer.compatible ?? true;
    const first = streams.length;
    streams.push(...streamsOf(peer.streams ?? [], owner, first));
    return {
      id: peer.id,
      usableBps,
      lendBps: compatible ? Math.min(peer.lendBps ?? usableBps, usableBps) : 0,
      downloadBps: peer.downloadBps ?? Number.POSITIVE_INFINITY,
      compatible,
      oneAddress: peer.oneAddress ?? false,
      streams: Array.from({ length: streams.length - first }, (_, at) => first + at),
    };
  });
  const wishes = given.map((peer) => wishesOf(peer, { peers, streams, indexOf }, given));
  const caps = wishes.map((wish) => wish && new Map([...wish].filter(([, cap]) => Number.isFinite(cap))));
  // Everybody who names nothing wants everything; where there are groups, of each the lowest layer until a better one is found.
  const hasGroups = streams.some((stream, index) => stream.lead !== index);
  const leads = hasGroups ? new Set(streams.map(({ lead }) => lead)) : null;
  const wants = wishes.map((wish, peer) => (wish ? new Set(wish.keys()) : without(leads, peers[peer]?.streams ?? [])));
  const graph = graphOf(indexOf, input.cut ?? [], input.costly ?? []);
  const ids = given.map(({ id }) => id);
  return withWants({ peers, streams: capped(streams, caps), indexOf, ids, caps, graph, sparesTied: true }, wants);
}

/** The room with other wants, and audiences counted anew. */
export function withWants(
  room: Omit<Room, 'wants' | 'allWatchAll'>,
  wants: readonly (ReadonlySet<number> | null)[],
): Room {
  const everything = wants.filter((set) => set === null).length;
  const counts = room.streams.map(({ owner }) => everything - (wants[owner] === null ? 1 : 0));
  wants.forEach((set, receiver) => {
    set?.forEach((stream) => {
      if (room.streams[stream]?.owner !== receiver) counts[stream] = (counts[stream] ?? 0) + 1;
    });
  });
  const tied = room.sparesTied ? room.peers.flatMap(({ oneAddress }, peer) => (oneAddress ? [peer] : [])) : [];
  const streams = room.streams.map((stream, index): RoomStream => {
    const wanted = counts[index] ?? 0;
    const isTied = tied.some((peer) => peer !== stream.owner && (wants[peer]?.has(index) ?? true));
    return { ...stream, whole: stream.audio || isTied, wanted, audience: wanted };
  });
  return { ...room, streams, wants, allWatchAll: wants.every((set) => set === null) };
}

/** The room in which so many receive each stream. */
export function withAudiences(room: Room, audiences: readonly number[]): Room {
  return { ...room, streams: room.streams.map((stream, index) => ({ ...stream, audience: audiences[index] ?? 0 })) };
}

/** Whether a peer is to get a stream; nobody receives its own. */
export function receives(room: Room, receiver: number, stream: number): boolean {
  if (receiver === room.streams[stream]?.owner) return false;
  const wants = room.wants[receiver];
  return wants === null || (wants?.has(stream) ?? false);
}

/** Whether a peer gets a stream anyway and can pass it on. */
export function mayRelay(room: Room, peer: number, stream: number): boolean {
  return room.peers[peer]?.compatible === true && receives(room, peer, stream);
}

/**
 * Whether a peer may get a stream that it does not want to pass it on. What it must download for others counts against a limit that
 * only its own wants were checked against, and nobody gets two layers of one group.
 */
export function mayStandBy(room: Room, peer: number, stream: number): boolean {
  const { owner, layers = [] } = room.streams[stream] ?? {};
  const { compatible, downloadBps } = room.peers[peer] ?? { compatible: false };
  if (!compatible || downloadBps !== Number.POSITIVE_INFINITY || peer === owner) return false;
  return !layers.some((layer) => receives(room, peer, layer));
}

/** Everybody who wants a stream, whether it can be served or not. */
export function wantingPeers(room: Room, stream: number): number[] {
  return room.peers.flatMap((_, receiver) => (receives(room, receiver, stream) ? [receiver] : []));
}

/** All the streams that a peer wants. */
export function wantedStreams(room: Room, receiver: number): number[] {
  const wants = room.wants[receiver];
  const all = wants ? [...wants] : room.streams.map((_, stream) => stream);
  return all.filter((stream) => room.streams[stream]?.owner !== receiver);
}

/** Code unit order: the same on every machine, whatever its locale. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of numbers in the order in which they come. */
export function sum(values: readonly number[]): number {
  let total = 0;
  for (let index = 0; index < values.length; index += 1) total += values[index] ?? 0;
  return total;
}

function streamsOf(given: readonly PlanStream[], owner: number, first: number): RoomStream[] {
  const inOrder = [...new Map(given.map((stream) => [stream.name, stream])).values()].sort(
    (a, b) => byText(a.media, b.media) || (a.layer ?? 0) - (b.layer ?? 0) || byText(a.name, b.name),
  );
  return inOrder.map(({ name, media, minBps, maxBps, group }, at): RoomStream => {
    const layers = inOrder.flatMap((other, place) =>
      place === at || (group !== undefined && other.group === group && other.media === media) ? [first + place] : [],
    );
    const lead = layers[0] ?? first + at;
    return {
      name,
      owner,
      audio: media === 'audio',
      whole: media === 'audio',
      minBps,
      maxBps,
      lead,
      layers,
      wanted: 0,
      audience: 0,
    };
  });
}

/** By the stream, a group by its lowest layer: the highest rate that any want for it allows; `null` where no want is named. */
function wishesOf(
  { wants }: PlanPeer,
  { peers, streams, indexOf }: Pick<Room, 'peers' | 'streams' | 'indexOf'>,
  given: readonly PlanPeer[],
): Map<number, number> | null {
  if (wants === undefined) return null;
  const wishes = new Map<number, number>();
  for (const { source, stream: name, maxBps = Number.POSITIVE_INFINITY } of wants) {
    const owner = indexOf.get(source) ?? -1;
    const groups = new Map(given[owner]?.streams?.map((stream) => [stream.name, stream.group]));
    for (const index of peers[owner]?.streams ?? []) {
      const { name: own = '', lead = index } = streams[index] ?? {};
      if (name !== undefined && name !== own && name !== groups.get(own)) continue;
      wishes.set(lead, Math.max(wishes.get(lead) ?? 0, maxBps));
    }
  }
  return wishes;
}

/** One rate serves all receivers of a stream that is in no group: it is no higher than any of them can take. */
function capped(streams: readonly RoomStream[], caps: Room['caps']): RoomStream[] {
  const most = streams.map(({ maxBps }) => maxBps);
  for (const own of caps) {
    own?.forEach((cap, index) => {
      if (cap >= (streams[index]?.minBps ?? 0)) most[index] = Math.min(most[index] ?? 0, cap);
    });
  }
  return streams.map((stream, index) => ({ ...stream, maxBps: most[index] ?? 0 }));
}

function without(set: ReadonlySet<number> | null, own: readonly number[]): ReadonlySet<number> | null {
  if (set === null) return null;
  const rest = new Set(set);
  for (const stream of own) rest.delete(stream);
  return rest;
}
