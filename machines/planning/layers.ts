/**
 * Which layer of a group each receiver gets: the best that its want, its download and the room's upload allow. All receivers rise
 * together from the lowest layer, one layer at a time; who has a layer now keeps it before anybody else rises to it, so that one
 * receiver that moves pushes nobody down.
 */
import { above, boundOf } from './bound.ts';
import type { PlanRoute } from './contract.ts';
import { type Room, type RoomStream, sum, withWants } from './room.ts';
import { withinOwnLimits } from './shortage.ts';

export function hasGroups({ streams }: Room): boolean {
  return streams.some(({ layers }) => layers.length > 1);
}

/**
 * @param room with every receiver of a group at its lowest layer
 * @param part how much of the lent upload may be taken: filling whole legs wastes some
 */
export function withLayers(room: Room, inForce: readonly PlanRoute[], part: number): Room {
  const seats = seatsOf(room, inForce);
  const upload = new Upload(room, part);
  const highest = Math.max(...room.streams.map(({ layers }) => layers.length));
  for (let rank = 1; rank < highest; rank += 1) {
    const rising = seats.filter(({ layers, rank: reached }) => reached === rank - 1 && rank < layers.length);
    rising.sort((a, b) => Number(b.now >= rank) - Number(a.now >= rank) || a.turn - b.turn || a.lead - b.lead);
    const wanting = rising.filter((seat) => isWanted(room, seat, seat.layers[rank] ?? seat.lead));
    for (const seat of wanting) if (upload.move([seat], rank)) seat.rank = rank;
    // An owner that can't send two layers at a time may still send all receivers the better one.
    for (const lead of new Set(wanting.map((seat) => seat.lead))) {
      const together = wanting.filter((seat) => seat.lead === lead);
      if (together.some((seat) => seat.rank === rank) || !upload.move(together, rank)) continue;
      for (const seat of together) seat.rank = rank;
    }
  }
  const wants = room.wants.map((set) => new Set(set));
  for (const { receiver, lead, layers, rank } of seats) {
    wants[receiver]?.delete(lead);
    wants[receiver]?.add(layers[rank] ?? lead);
  }
  return withinOwnLimits(withWants(room, wants));
}

/** A receiver of a group. */
interface Seat {
  readonly receiver: number;
  readonly lead: number;
  /** Indices of the streams, lowest first. */
  readonly layers: readonly number[];
  /** Whose turn it is first: each owner begins with its neighbour, so that what is short goes round. */
  readonly turn: number;
  /** The place in `layers` of what it gets now, -1 for nothing, and of what it is to get. */
  readonly now: number;
  rank: number;
}

function seatsOf(room: Room, inForce: readonly PlanRoute[]): Seat[] {
  const running = new Map<string, number>();
  const streamOf = new Map(
    room.streams.map(({ owner, name }, index) => [`${room.peers[owner]?.id}/${name}`, index] as const),
  );
  for (const { source, stream, relay, receivers } of inForce) {
    const { lead = 0, layers = [] } = room.streams[streamOf.get(`${source}/${stream}`) ?? -1] ?? {};
    const rank = layers.indexOf(streamOf.get(`${source}/${stream}`) ?? -1);
    for (const id of relay === null ? receivers : [relay, ...receivers]) {
      const key = `${lead} ${id}`;
      running.set(key, Math.max(running.get(key) ?? -1, rank));
    }
  }
  return room.peers.flatMap(({ id }, receiver) =>
    [...(room.wants[receiver] ?? [])].flatMap((lead): Seat[] => {
      const { layers = [], owner = 0, audience = 0 } = room.streams[lead] ?? {};
      if (layers.length < 2 || audience === 0 || owner === receiver) return [];
      const turn = (receiver - owner + room.peers.length) % room.peers.length;
      return [{ receiver, lead, layers, turn, now: running.get(`${lead} ${id}`) ?? -1, rank: 0 }];
    }),
  );
}

function isWanted({ caps, streams }: Room, { receiver, lead }: Seat, layer: number): boolean {
  return (streams[layer]?.maxBps ?? 0) <= (caps[receiver]?.get(lead) ?? Number.POSITIVE_INFINITY);
}

/** What uploads and downloads have left while layers rise. Layers count at their least rates, all else at what the bound gives it. */
class Upload {
  readonly #room: Room;
  readonly #part: number;
  readonly #audiences: number[];
  /** By peer index, bit/s: what its streams cost with all receivers, what one copy of each does, and what may still arrive. */
  readonly #all: number[];
  readonly #once: number[];
  readonly #download: number[];
  #taken = 0;
  #given = 0;

  constructor(room: Room, part: number) {
    this.#room = room;
    this.#part = part;
    this.#audiences = room.streams.map(({ audience }) => audience);
    const rates = ratesBeside(room);
    const cost = (index: number, copies: number): number => copies * (rates[index] ?? 0);
    this.#all = room.peers.map(({ streams }) => sum(streams.map((index) => cost(index, this.#audiences[index] ?? 0))));
    this.#once = room.peers.map(({ streams }) =>
      sum(streams.map((index) => cost(index, Math.min(1, this.#audiences[index] ?? 0)))),
    );
    this.#download = room.peers.map(({ downloadBps, streams }, receiver) => {
      if (!Number.isFinite(downloadBps)) return downloadBps;
      const wanted = [...(room.wants[receiver] ?? [])].filter((index) => !streams.includes(index));
      return downloadBps - sum(wanted.map((index) => cost(index, 1)));
    });
    room.peers.forEach((_, peer) => {
      this.#count(peer, 1);
    });
  }

  /** Give receivers of one group the next layer; `false`, and nothing changed, where that does not fit. */
  move(seats: readonly Seat[], rank: number): boolean {
    const { layers = [], lead = 0 } = seats[0] ?? {};
    const [from, to] = [layers[rank - 1] ?? lead, layers[rank] ?? lead];
    const { owner = 0, minBps: before = 0 } = this.#room.streams[from] ?? {};
    const { minBps: after = 0 } = this.#room.streams[to] ?? {};
    const more = after - before;
    const begins = (this.#audiences[to] ?? 0) === 0 ? after : 0;
    const ends = (this.#audiences[from] ?? 0) === seats.length ? before : 0;
    const once = (this.#once[owner] ?? 0) + begins - ends;
    const peer = this.#room.peers[owner];
    const all = (this.#all[owner] ?? 0) + seats.length * more;
    if (peer === undefined || above(peer.compatible ? once : all, peer.usableBps)) return false;
    if (seats.some(({ receiver }) => more > (this.#download[receiver] ?? 0))) return false;
    this.#recount(owner, all);
    if (above(this.#taken, this.#part * this.#given)) {
      this.#recount(owner, all - seats.length * more);
      return false;
    }
    this.#once[owner] = once;
    for (const { receiver } of seats) this.#download[receiver] = (this.#download[receiver] ?? 0) - more;
    this.#audiences[from] = (this.#audiences[from] ?? 0) - seats.length;
    this.#audiences[to] = (this.#audiences[to] ?? 0) + seats.length;
    return true;
  }

  #recount(owner: number, all: number): void {
    this.#count(owner, -1);
    this.#all[owner] = all;
    this.#count(owner, 1);
  }

  #count(peer: number, sign: 1 | -1): void {
    const { usableBps = 0, lendBps = 0 } = this.#room.peers[peer] ?? {};
    const spare = usableBps - (this.#all[peer] ?? 0);
    if (spare < 0) this.#taken -= sign * spare;
    else this.#given += sign * Math.min(spare, lendBps);
  }
}

/** What streams are counted at while layers rise. No download holds groups down: who can't take more gets a lower layer. */
function ratesBeside(room: Room): number[] {
  const isGroup = (index: number): boolean => (room.streams[index]?.layers.length ?? 1) > 1;
  const least = (index: number): number => room.streams[index]?.minBps ?? 0;
  const wants = room.wants.map((set) => new Set([...(set ?? [])].filter((index) => !isGroup(index))));
  const peers = room.peers.map((peer, receiver) => {
    const groups = [...(room.wants[receiver] ?? [])].filter((index) => isGroup(index));
    return { ...peer, downloadBps: peer.downloadBps - sum(groups.map(least)) };
  });
  const { rates } = boundOf({ ...asOneStream(room), peers, wants });
  return room.streams.map((_, index) => (isGroup(index) ? least(index) : (rates[index] ?? 0)));
}

/** The room with every group as one stream, from the least rate of its lowest layer to the highest of its best. */
export function asOneStream(room: Room): Room {
  const streams = room.streams.map((stream, index): RoomStream => {
    if (stream.lead !== index || stream.layers.length === 1) return stream;
    return { ...stream, maxBps: Math.max(...stream.layers.map((layer) => room.streams[layer]?.maxBps ?? 0)) };
  });
  return { ...room, streams };
}
