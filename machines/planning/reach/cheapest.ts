/** The cheapest way of some slices of a stream to all its receivers, at the prices of the uplinks as they are. */
import type { Room } from '../room.ts';
import { receives } from '../room.ts';
import type { Graph } from './graph.ts';
import { canStart } from './reachable.ts';
import { type Course, NOBODY, type Tree, treeOf } from './tree.ts';
import type { Uplinks } from './uplinks.ts';

/** A leg from a relay costs this more than one from the owner, in the price of a full uplink: a hop is worth a little upload. */
const HOP = 0.03;
/** As many more where the receiver may reorder badly what comes on several ways. */
const HOP_TO_PLAIN = 4 * HOP;
/** A relay more costs this many legs more. */
const RELAY = 0.5;
/** Of each class so many relays are weighed, the cheapest ones; and so many in all. */
const OF_CLASS = 2;
const MOST_WEIGHED = 12;
/** In larger rooms fewer: there one of each class is mostly enough. */
const LARGE_ROOM = 200;
const MOST_WEIGHED_IN_LARGE = 4;
/** How many times as far as all others is who is out of reach. */
const FAR = 4;

export class Ways {
  readonly #room: Room;
  readonly #graph: Graph;
  readonly #uplinks: Uplinks;
  /** By peer index, while a way is looked for: what it costs to reach it. */
  readonly #reached: Float64Array;
  /** By stream. */
  readonly #relays = new Map<number, readonly number[]>();
  readonly #classes = new Map<number, readonly (readonly number[])[]>();

  constructor(room: Room, graph: Graph, uplinks: Uplinks) {
    this.#room = room;
    this.#graph = graph;
    this.#uplinks = uplinks;
    this.#reached = new Float64Array(room.peers.length);
  }

  /**
   * @param bps of one copy
   * @param kept by peer index, who sends it the stream already: these legs stay, and only the missing ones are looked for
   */
  cheapest(course: Course, bps: number, kept: Int16Array | null = null): Tree {
    const senders = kept ?? new Int16Array(this.#room.peers.length).fill(NOBODY);
    const missing = kept === null ? course.receivers : course.receivers.filter((peer) => kept[peer] === NOBODY);
    const relays = kept === null ? [] : [...new Set(kept)].filter((peer) => peer !== NOBODY && peer !== course.owner);
    this.#takeRelays(course, missing, relays);
    return this.#assign(course, missing, relays, senders, bps);
  }

  /**
   * Relays are taken as long as one more makes it cheaper, or reaches somebody whom nobody else does.
   *
   * @param taken that it has already; becomes more
   */
  #takeRelays({ stream, owner }: Course, receivers: readonly number[], taken: number[]): void {
    const weighed = this.#weighed(stream, owner);
    if (weighed.length === 0 || receivers.length === 0) return;
    const own = this.#uplinks.price(owner, false);
    let far = own;
    for (const relay of [...weighed, ...taken]) far = Math.max(far, this.#uplinks.price(relay, true));
    // Whoever is not reached at all counts as reached at a price beyond all others.
    far = FAR * (far + HOP);
    for (const receiver of receivers) this.#reached[receiver] = this.#graph.hasEdge(owner, receiver) ? own : far;
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
    const price = this.#uplinks.price(relay, true) + HOP;
    for (const receiver of receivers) {
      if (receiver === relay || !this.#graph.hasEdge(relay, receiver)) continue;
      this.#reached[receiver] = Math.min(price, this.#reached[receiver] ?? 0);
    }
  }

  /** The relay that saves most; `undefined`: none saves anything. */
  #best(
    stream: number,
    owner: number,
    receivers: readonly number[],
    weighed: readonly number[],
    taken: readonly number[],
  ): number | undefined {
    let best: number | undefined;
    let most = 0;
    const own = this.#uplinks.price(owner, false);
    for (const relay of weighed) {
      if (taken.includes(relay)) continue;
      const price = this.#uplinks.price(relay, true) + HOP;
      const copy = receives(this.#room, relay, stream) ? own - (this.#reached[relay] ?? 0) : own;
      let saved = -copy - RELAY * HOP;
      for (const receiver of receivers) {
        const more = (this.#reached[receiver] ?? 0) - price;
        if (more > 0 && receiver !== relay && this.#graph.hasEdge(relay, receiver)) saved += more;
      }
      if (saved <= most) continue;
      best = relay;
      most = saved;
    }
    return best;
  }

  /** Somebody is out of reach of all that were weighed: of all relays the one that reaches most of these, the cheapest of several. */
  #missing(stream: number, owner: number, receivers: readonly number[], far: number): number | undefined {
    const out = receivers.filter((receiver) => (this.#reached[receiver] ?? 0) >= far);
    if (out.length === 0) return undefined;
    let best: number | undefined;
    let most = 0;
    for (const relay of this.#room.peers.keys()) {
      if (!canStart(this.#room, this.#graph, stream, owner, relay)) continue;
      const count = out.filter((receiver) => receiver !== relay && this.#graph.hasEdge(relay, receiver)).length;
      const isCheaper =
        best !== undefined && this.#uplinks.price(relay, true) < this.#uplinks.price(best, true) && count === most;
      if (count <= most && !isCheaper) continue;
      if (count === 0) continue;
      best = relay;
      most = count;
    }
    return best;
  }

  /** In small rooms all relays, else the cheapest ones of every class, cheapest first. */
  #weighed(stream: number, owner: number): readonly number[] {
    const all = this.#relaysOf(stream, owner);
    if (all.length <= MOST_WEIGHED) return all;
    const first: number[] = [];
    const others: number[] = [];
    for (const alike of this.#classesOf(stream, owner)) {
      const cheapest: number[] = [];
      for (const relay of alike) this.#insert(cheapest, relay);
      first.push(...cheapest.slice(0, 1));
      others.push(...cheapest.slice(1));
    }
    const most = this.#room.peers.length > LARGE_ROOM ? MOST_WEIGHED_IN_LARGE : MOST_WEIGHED;
    return [...this.#byPrice(first), ...this.#byPrice(others)].slice(0, most);
  }

  /** All that can relay a stream. */
  #relaysOf(stream: number, owner: number): readonly number[] {
    const known = this.#relays.get(stream);
    if (known !== undefined) return known;
    const relays = [...this.#room.peers.keys()].filter((relay) =>
      canStart(this.#room, this.#graph, stream, owner, relay),
    );
    this.#relays.set(stream, relays);
    return relays;
  }

  /** These relays, those together that are as good as each other but for the price. */
  #classesOf(stream: number, owner: number): readonly (readonly number[])[] {
    const known = this.#classes.get(stream);
    if (known !== undefined) return known;
    const byClass = new Map<number, number[]>();
    for (const relay of this.#relaysOf(stream, owner)) {
      const own = this.#graph.classOf[relay] ?? 0;
      const alike = byClass.get(own);
      if (alike === undefined) byClass.set(own, [relay]);
      else alike.push(relay);
    }
    const classes = [...byClass.values()];
    this.#classes.set(stream, classes);
    return classes;
  }

  #insert(relays: number[], relay: number): void {
    const price = this.#uplinks.price(relay, true);
    let at = relays.length;
    while (at > 0 && this.#uplinks.price(relays[at - 1] ?? 0, true) > price) at -= 1;
    if (at >= OF_CLASS) return;
    relays.splice(at, 0, relay);
    relays.length = Math.min(relays.length, OF_CLASS);
  }

  #byPrice(relays: readonly number[]): number[] {
    return [...relays].sort((a, b) => this.#uplinks.price(a, true) - this.#uplinks.price(b, true) || a - b);
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
    const forced = receivers.filter((receiver) => !this.#graph.hasEdge(owner, receiver));
    for (const receiver of [...forced, ...receivers]) {
      if (senders[receiver] !== NOBODY) continue;
      const hop = hopTo(this.#room, receiver);
      let sender = this.#graph.hasEdge(owner, receiver) ? owner : NOBODY;
      let least = sender === owner ? uplinks.price(owner, false) : Number.POSITIVE_INFINITY;
      for (const relay of relays) {
        if (!this.#graph.hasEdge(relay, receiver)) continue;
        const price = uplinks.price(relay, true) + hop;
        if (price >= least) continue;
        sender = relay;
        least = price;
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
