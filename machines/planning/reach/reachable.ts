/** Which wants can be met at all: directly, or through a member that reaches both and lends. */
import { mayRelay, mayStandBy, type Room, withWants } from '../room.ts';
import type { Graph } from './graph.ts';

/** Whether a peer can have a stream from its owner and pass it on. */
export function canStart(room: Room, graph: Graph, stream: number, owner: number, relay: number): boolean {
  if (relay === owner || room.peers[owner]?.compatible !== true || (room.peers[relay]?.lendBps ?? 0) <= 0) return false;
  return graph.hasEdge(owner, relay) && (mayRelay(room, relay, stream) || mayStandBy(room, relay, stream));
}

/** The room without the wants that no member can help to meet. */
export function withReachable(room: Room, graph: Graph): Room {
  const helpers = new Helpers(room, graph);
  const wants = room.wants.map((set, receiver) => {
    const lost = graph.cutFrom(receiver).flatMap((owner) => {
      const { streams = [] } = room.peers[owner] ?? {};
      return streams.filter((stream) => (set?.has(stream) ?? true) && !helpers.reach(stream, owner, receiver));
    });
    if (lost.length === 0) return set;
    const left = new Set(set ?? room.streams.keys());
    for (const stream of lost) left.delete(stream);
    for (const stream of room.peers[receiver]?.streams ?? []) left.delete(stream);
    return left;
  });
  return wants.every((set, receiver) => set === room.wants[receiver]) ? room : withWants(room, wants);
}

/** Whether any compatible member reaches both, whether or not it lends anything. */
export function isBridged(room: Room, graph: Graph, owner: number, receiver: number): boolean {
  if (room.peers[owner]?.compatible !== true) return false;
  return room.peers.some(
    ({ compatible }, relay) =>
      compatible &&
      relay !== owner &&
      relay !== receiver &&
      graph.hasEdge(owner, relay) &&
      graph.hasEdge(relay, receiver),
  );
}

/** Who lends anything and reaches both ends of a cut. Looked up by class, for in a large room most cuts are alike. */
class Helpers {
  readonly #room: Room;
  readonly #graph: Graph;
  /** By the classes of two peers: those who lend and reach both, perhaps one of these among them. */
  readonly #known = new Map<number, readonly number[]>();

  constructor(room: Room, graph: Graph) {
    this.#room = room;
    this.#graph = graph;
  }

  reach(stream: number, owner: number, receiver: number): boolean {
    return this.#between(owner, receiver).some(
      (relay) =>
        relay !== receiver &&
        this.#graph.hasEdge(relay, receiver) &&
        canStart(this.#room, this.#graph, stream, owner, relay),
    );
  }

  #between(a: number, b: number): readonly number[] {
    const { classOf } = this.#graph;
    const key = (classOf[a] ?? 0) * classOf.length + (classOf[b] ?? 0);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#room.peers.flatMap(({ lendBps }, peer) =>
      lendBps > 0 && this.#graph.hasEdge(a, peer) && this.#graph.hasEdge(peer, b) ? [peer] : [],
    );
    this.#known.set(key, found);
    return found;
  }
}
