/**
 * The cheapest way of some slices of a stream to all its receivers: that with the fewest copies over a TURN server, and of those
 * the cheapest one at the prices of the uplinks as they are.
 */
import type { Room } from '../room.ts';
import { receives } from '../room.ts';
import type { Graph } from './graph.ts';
import { canStart } from './reachable.ts';
import { type Course, NOBODY, type Tree, treeOf } from './tree.ts';
import type { Uplinks } from './uplinks.ts';
import { Weighed } from './weighed.ts';

/** A leg from a relay costs this more than one from the owner, in the price of a full uplink: a hop is worth a little upload. */
const HOP = 0.03;
/** As many more where the receiver may reorder badly what comes on several ways. */
const HOP_TO_PLAIN = 4 * HOP;
/** A relay more costs this many legs more. */
const RELAY = 0.5;
/** How many times as far as all others is who is out of reach. */
const FAR = 4;
/** More tolls than there can be on the way to one receiver: who is out of reach is worth every toll. */
const OUT_OF_REACH = 3;

export class Ways {
  readonly #room: Room;
  readonly #graph: Graph;
  readonly #uplinks: Uplinks;
  readonly #weighed: Weighed;
  /** By peer index, while a way is looked for: what it costs to reach it, and how many tolls are in that. */
  readonly #reached: Float64Array;
  readonly #tolls: Uint8Array;
  /** Where nothing costs tolls, prices alone say what is far. */
  readonly #outOfReach: number;

  constructor(room: Room, graph: Graph, uplinks: Uplinks) {
    this.#room = room;
    this.#graph = graph;
    this.#uplinks = uplinks;
    this.#weighed = new Weighed(room, graph, uplinks);
    this.#reached = new Float64Array(room.peers.length);
    this.#tolls = new Uint8Array(room.peers.length);
    this.#outOfReach = graph.hasTolls ? OUT_OF_REACH : 0;
  }

  /**
   * @param bps of one copy
   * @param kept by peer index, who sends it the stream already: these legs stay, and only the missing ones are looked for
   */
  cheapest(course: Course, bps: number, kept: Int16Array | null = null): Tree {
    const senders = kept ?? new Int16Array(this.#room.peers.length).fill(NOBODY);
    const missing = kept === null ? course.receivers : course.receivers.filter((peer) => kept[peer] === NOBODY);
    const relays = kept === null ? [] : [...new Set(kept)].filter((peer) => peer !== NOBODY && peer !== course.owner);
    kept?.forEach((sender, peer) => {
      this.#tolls[peer] = sender === NOBODY ? 0 : this.#graph.toll(sender, peer);
    });
    this.#takeRelays(course, missing, relays);
    return this.#assign(course, missing, relays, senders, bps);
  }

  /** How many copies of a slice go over a TURN server. */
  tolls({ senders, loads }: Tree): number {
    if (!this.#graph.hasTolls) return 0;
    const [own, ...relays] = loads;
    let tolls = 0;
    senders.forEach((sender, receiver) => {
      if (sender !== NOBODY) tolls += this.#graph.toll(sender, receiver);
    });
    for (const { peer } of relays) if (senders[peer] === NOBODY) tolls += this.#graph.toll(own.peer, peer);
    return tolls;
  }

  /**
   * Relays are taken as long as one more makes it cheaper, or reaches somebody whom nobody else does, or not for less tolls.
   *
   * @param taken that it has already; becomes more
   */
  #takeRelays({ stream, owner }: Course, receivers: readonly number[], taken: number[]): void {
    const weighed = this.#weighed.of(stream, owner);
    if (weighed.length === 0 || receivers.length === 0) return;
    const own = this.#uplinks.price(owner, false);
    let far = own;
    for (const relay of [...weighed, ...taken]) far = Math.max(far, this.#uplinks.price(relay, true));
    // Whoever is not reached at all counts as reached at a price beyond all others.
    far = FAR * (far + HOP);
    for (const receiver of receivers) {
      const hasEdge = this.#graph.hasEdge(owner, receiver);
      this.#reached[receiver] = hasEdge ? own : far;
      this.#tolls[receiver] = hasEdge ? this.#graph.toll(owner, receiver) : this.#outOfReach;
    }
    for (const relay of taken) this.#reach(relay, receivers);
    for (;;) {
      const next = this.#best(stream, owner, receivers, weighed, taken) ?? this.#missing(stream, owner, receivers, far);
      if (next === undefined) return;
      taken.push(next);
      this.#reach(next, receivers);
    }
  }

  #reach(relay: number, receivers: readonly number[]): void {
    // A relay has its copy from the owner: no other relay can spare that.
    this.#reached[relay] = 0;
    this.#tolls[relay] = 0;
    const price = this.#uplinks.price(relay, true) + HOP;
    for (const receiver of receivers) {
      const toll = this.#graph.toll(relay, receiver);
      const fewer = (this.#tolls[receiver] ?? 0) - toll;
      if (fewer < 0 || receiver === relay) continue;
      if (fewer === 0 && price >= (this.#reached[receiver] ?? 0)) continue;
      this.#reached[receiver] = price;
      this.#tolls[receiver] = toll;
    }
  }

  /** The relay that saves most tolls, and of those that save as many most of the price; `undefined`: none saves anything. */
  #best(
    stream: number,
    owner: number,
    receivers: readonly number[],
    weighed: readonly number[],
    taken: readonly number[],
  ): number | undefined {
    let best: number | undefined;
    let most = 0;
    let mostTolls = 0;
    const own = this.#uplinks.price(owner, false);
    for (const relay of weighed) {
      if (taken.includes(relay)) continue;
      const price = this.#uplinks.price(relay, true) + HOP;
      const copy = receives(this.#room, relay, stream) ? own - (this.#reached[relay] ?? 0) : own;
      let saved = -copy - RELAY * HOP;
      let savedTolls = -this.#copyToll(stream, owner, relay);
      for (const receiver of receivers) {
        const more = (this.#reached[receiver] ?? 0) - price;
        const tolls = this.#tolls[receiver] ?? 0;
        if (more <= 0 && tolls === 0) continue;
        const fewer = tolls - this.#graph.toll(relay, receiver);
        if (fewer < 0 || (fewer === 0 && more <= 0) || receiver === relay) continue;
        saved += more;
        savedTolls += fewer;
      }
      if (savedTolls < mostTolls || (savedTolls === mostTolls && saved <= most)) continue;
      best = relay;
      most = saved;
      mostTolls = savedTolls;
    }
    return best;
  }

  /** How many tolls it costs more that a relay has the stream from the owner. */
  #copyToll(stream: number, owner: number, relay: number): number {
    return this.#graph.toll(owner, relay) - (receives(this.#room, relay, stream) ? (this.#tolls[relay] ?? 0) : 0);
  }

  /**
   * Somebody is out of reach of all that were weighed, or reached for a toll: of all relays the one that reaches most of these for
   * least, the cheapest of several.
   */
  #missing(stream: number, owner: number, receivers: readonly number[], far: number): number | undefined {
    const [reached, tolls] = [this.#reached, this.#tolls];
    const out = receivers.filter((receiver) => (reached[receiver] ?? 0) >= far || (tolls[receiver] ?? 0) > 0);
    if (out.length === 0) return undefined;
    let best: number | undefined;
    let most = 0;
    for (const relay of this.#room.peers.keys()) {
      if (!canStart(this.#room, this.#graph, stream, owner, relay)) continue;
      let gain = -this.#copyToll(stream, owner, relay);
      for (const receiver of out) {
        if (receiver === relay || !this.#graph.hasEdge(relay, receiver)) continue;
        const now = (reached[receiver] ?? 0) >= far ? OUT_OF_REACH : (tolls[receiver] ?? 0);
        gain += Math.max(0, now - this.#graph.toll(relay, receiver));
      }
      const isCheaper =
        best !== undefined && this.#uplinks.price(relay, true) < this.#uplinks.price(best, true) && gain === most;
      if (gain <= most && !isCheaper) continue;
      best = relay;
      most = gain;
    }
    return best;
  }

  /**
   * Each receiver is sent its copy by whom it is cheapest for, prices rising with each copy; who has least choice first.
   *
   * @param receivers whom nobody sends it yet
   * @param senders who sends to whom already; becomes more
   */
  #assign(
    { stream, owner }: Course,
    receivers: readonly number[],
    relays: readonly number[],
    senders: Int16Array,
    bps: number,
  ): Tree {
    const uplinks = this.#uplinks;
    const spent = new Map<number, number>();
    const give = (sender: number): void => {
      uplinks.send(sender, bps, sender !== owner);
      spent.set(sender, (spent.get(sender) ?? 0) + bps);
    };
    for (const relay of relays) {
      if (senders[relay] === owner) continue;
      if (receives(this.#room, relay, stream)) senders[relay] = owner;
      give(owner);
    }
    const forced = receivers.filter((receiver) => !this.#graph.isFree(owner, receiver));
    for (const receiver of [...forced, ...receivers]) {
      if (senders[receiver] !== NOBODY) continue;
      const hop = hopTo(this.#room, receiver);
      let sender = this.#graph.hasEdge(owner, receiver) ? owner : NOBODY;
      let least = sender === owner ? uplinks.price(owner, false) : Number.POSITIVE_INFINITY;
      let leastToll = this.#graph.toll(owner, receiver);
      for (const relay of relays) {
        if (!this.#graph.hasEdge(relay, receiver)) continue;
        const toll = this.#graph.toll(relay, receiver);
        const price = uplinks.price(relay, true) + hop;
        if (toll > leastToll || (toll === leastToll && price >= least)) continue;
        sender = relay;
        least = price;
        leastToll = toll;
      }
      senders[receiver] = sender;
      if (sender !== NOBODY) give(sender);
    }
    for (const [sender, sent] of spent) uplinks.send(sender, -sent, sender !== owner);
    return treeOf(owner, senders);
  }
}

/** What the hops of a tree cost, for every bit/s of a copy. */
export function hopsCost(room: Room, { senders, loads: [own, ...relays] }: Tree): number {
  let cost = relays.length * RELAY * HOP;
  if (relays.length === 0) return cost;
  senders.forEach((sender, receiver) => {
    if (sender !== NOBODY && sender !== own.peer) cost += hopTo(room, receiver);
  });
  return cost;
}

function hopTo({ peers }: Room, receiver: number): number {
  return peers[receiver]?.compatible === false ? HOP_TO_PLAIN : HOP;
}
