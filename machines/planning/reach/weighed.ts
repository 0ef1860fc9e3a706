/** Which relays are worth weighing for a stream: in small rooms all, in larger ones the cheapest of each kind. */
import type { Room } from '../room.ts';
import type { Graph } from './graph.ts';
import { canStart } from './reachable.ts';
import type { Uplinks } from './uplinks.ts';

/** Of each class so many relays are weighed, the cheapest ones; and so many in all. */
const OF_CLASS = 2;
const MOST_WEIGHED = 12;
/** In larger rooms fewer: there one of each class is mostly enough. */
const LARGE_ROOM = 200;
const MOST_WEIGHED_IN_LARGE = 4;

export class Weighed {
  readonly #room: Room;
  readonly #graph: Graph;
  readonly #uplinks: Uplinks;
  /** By stream. */
  readonly #relays = new Map<number, readonly number[]>();
  readonly #classes = new Map<number, readonly (readonly number[])[]>();

  constructor(room: Room, graph: Graph, uplinks: Uplinks) {
    this.#room = room;
    this.#graph = graph;
    this.#uplinks = uplinks;
  }

  /** In small rooms all relays, else the cheapest ones of every class, cheapest first. */
  of(stream: number, owner: number): readonly number[] {
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
}
