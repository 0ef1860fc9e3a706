/** Where not everything fits: who goes without, and who gets what is left after all. */
import { SLICE_COUNT } from '../../slices.ts';
import { type Room, receives } from '../room.ts';
import type { Graph } from './graph.ts';
import { canStart } from './reachable.ts';
import { alike, type Course, NOBODY, type Tree, treeOf } from './tree.ts';

/** Sums of rates are no more exact than this. */
const ROUNDING = 1e-9;

/** The trees of a room at given rates, while legs are taken away and added. */
export class Legs {
  readonly #room: Room;
  readonly #graph: Graph;
  readonly #courses: readonly Course[];
  readonly #rates: readonly number[];
  /** By peer index, bit/s. */
  readonly #usable: number[];
  readonly #lent: number[];
  /** By peer index: how many streams it has lost. */
  readonly #losses: number[];

  constructor(room: Room, graph: Graph, courses: readonly Course[], rates: readonly number[]) {
    this.#room = room;
    this.#graph = graph;
    this.#courses = courses;
    this.#rates = rates;
    this.#usable = room.peers.map(({ usableBps }) => usableBps);
    this.#lent = room.peers.map(({ lendBps }) => lendBps);
    this.#losses = room.peers.map(() => 0);
    for (const course of courses)
      for (const [tree, slices] of alike(course.trees)) this.#spend(course, tree, slices.length);
  }

  /** Legs go until nobody sends too much: of the highest video first, audio last; who has lost least loses next. */
  shed(): void {
    for (const peer of this.#room.peers.keys()) {
      while (this.#overload(peer) > 0 && this.#shedOne(peer));
    }
  }

  /** Who goes without gets what still fits, audio and low rates first; nothing else moves. */
  addMissing(): void {
    const missing = this.#courses.flatMap((course) =>
      course.receivers.flatMap((receiver) => (isServed(course, receiver) ? [] : [{ course, receiver }])),
    );
    const direct = ({ course, receiver }: { course: Course; receiver: number }): number =>
      Number(this.#graph.hasEdge(course.owner, receiver));
    missing.sort(
      (a, b) =>
        Number(b.course.audio) - Number(a.course.audio) ||
        this.#rateOf(a.course) - this.#rateOf(b.course) ||
        direct(b) - direct(a),
    );
    for (const { course, receiver } of missing)
      this.#change(course, receiver, (tree) => this.#cheapest(course, tree, receiver));
  }

  /**
   * Receivers of relays whom the owner can send everything itself, after all.
   *
   * @param stays who is served by a relay already: with uploads a little lower he would have to go back to it. Over a server it is of no
   *   use either way, and one hop is better than two
   */
  sendDirect(stays: (stream: number, receiver: number) => boolean): boolean {
    let some = false;
    for (const course of this.#courses) {
      const relayed = course.receivers.filter(
        (receiver) =>
          (!stays(course.stream, receiver) || this.#graph.toll(course.owner, receiver) > 0) &&
          this.#isNoDearer(course, receiver) &&
          course.trees.some(({ senders }) => ![course.owner, NOBODY].includes(senders[receiver] ?? NOBODY)),
      );
      for (const receiver of relayed) {
        if (this.#change(course, receiver, () => course.owner)) some = true;
      }
    }
    return some;
  }

  /** Whether a receiver can have everything from the owner, for no toll that it is not sent for now. */
  #isNoDearer({ owner, trees }: Course, receiver: number): boolean {
    const toll = this.#graph.toll(owner, receiver);
    return trees.every(({ senders }) => {
      const sender = senders[receiver] ?? NOBODY;
      return sender === NOBODY || toll <= this.#graph.toll(sender, receiver);
    });
  }

  #shedOne(peer: number): boolean {
    let best: { course: Course; gone: ReadonlySet<number> } | undefined;
    let least = Number.POSITIVE_INFINITY;
    const byRate = [...this.#courses].sort(
      (a, b) => Number(a.audio) - Number(b.audio) || this.#rateOf(b) - this.#rateOf(a) || a.stream - b.stream,
    );
    for (const course of byRate) {
      if (this.#rateOf(course) === 0) continue;
      for (const receiver of course.receivers) {
        if (!course.trees.some(({ senders }) => senders[receiver] === peer)) continue;
        const gone = withDependents(course, receiver);
        const losses = gone.size * this.#room.peers.length + (this.#losses[receiver] ?? 0);
        if (losses >= least) continue;
        best = { course, gone };
        least = losses;
      }
      if (best !== undefined) break;
    }
    if (best === undefined) return false;
    for (const receiver of best.gone) {
      this.#losses[receiver] = (this.#losses[receiver] ?? 0) + 1;
      this.#set(best.course, receiver, () => NOBODY);
    }
    return true;
  }

  /**
   * Give a receiver other senders, if these can afford it.
   *
   * @param senderOf {@link NOBODY}: there is none
   */
  #change(course: Course, receiver: number, senderOf: (tree: Tree) => number): boolean {
    const before = [...course.trees];
    const all = this.#set(course, receiver, senderOf);
    const now = alike(course.trees);
    if (all && ![...now.keys()].some(({ loads }) => loads.some(({ peer }) => this.#overload(peer) > 0))) return true;
    for (const [tree, slices] of now) this.#spend(course, tree, -slices.length);
    for (const [tree, slices] of alike(before)) this.#spend(course, tree, slices.length);
    course.trees.splice(0, SLICE_COUNT, ...before);
    return false;
  }

  /** @returns whether every slice has a sender now */
  #set(course: Course, receiver: number, senderOf: (tree: Tree) => number): boolean {
    let all = true;
    for (const [tree, slices] of alike(course.trees)) {
      const senders = Int16Array.from(tree.senders);
      const sender = senderOf(tree);
      senders[receiver] = sender;
      const changed = treeOf(course.owner, senders);
      this.#spend(course, tree, -slices.length);
      this.#spend(course, changed, slices.length);
      for (const slice of slices) course.trees[slice] = changed;
      if (sender === NOBODY) all = false;
    }
    return all;
  }

  /** The owner, if it can; else who has most left of those who reach the receiver and have the stream. Tolls come last. */
  #cheapest(course: Course, { senders }: Tree, receiver: number): number {
    const { owner, stream } = course;
    const bps = this.#rateOf(course);
    const isAbleItself = this.#graph.hasEdge(owner, receiver) && bps <= this.#left(owner, false);
    if (isAbleItself && this.#graph.isFree(owner, receiver)) return owner;
    let best = isAbleItself ? owner : NOBODY;
    let least = isAbleItself ? this.#graph.toll(owner, receiver) : Number.POSITIVE_INFINITY;
    for (const relay of this.#room.peers.keys()) {
      const has = senders[relay] === owner || (!receives(this.#room, relay, stream) && bps <= this.#left(owner, false));
      if (!has || !this.#graph.hasEdge(relay, receiver)) continue;
      if (!canStart(this.#room, this.#graph, stream, owner, relay) || bps > this.#left(relay, true)) continue;
      const copyToll = senders[relay] === owner ? 0 : this.#graph.toll(owner, relay);
      const tolls = copyToll + this.#graph.toll(relay, receiver);
      const isSame = tolls === least && best !== owner && this.#left(relay, true) > this.#left(best, true);
      if (tolls > least || (tolls === least && !isSame)) continue;
      best = relay;
      least = tolls;
    }
    return best;
  }

  #rateOf({ stream }: Course): number {
    return this.#rates[stream] ?? 0;
  }

  #left(peer: number, relays: boolean): number {
    const usable = this.#usable[peer] ?? 0;
    const left = relays ? Math.min(usable, this.#lent[peer] ?? 0) : usable;
    return left + ROUNDING * (this.#room.peers[peer]?.usableBps ?? 0);
  }

  #overload(peer: number): number {
    return -Math.min(0, this.#left(peer, true));
  }

  /** @param slices that go this way; less than 0: no more */
  #spend(course: Course, { loads: [own, ...relays] }: Tree, slices: number): void {
    const bps = (slices * this.#rateOf(course)) / SLICE_COUNT;
    this.#usable[own.peer] = (this.#usable[own.peer] ?? 0) - own.copies * bps;
    for (const { peer, copies } of relays) {
      this.#usable[peer] = (this.#usable[peer] ?? 0) - copies * bps;
      this.#lent[peer] = (this.#lent[peer] ?? 0) - copies * bps;
    }
  }
}

/** Whether a receiver gets all slices. */
export function isServed({ trees }: Course, receiver: number): boolean {
  return trees.every(({ senders }) => senders[receiver] !== NOBODY);
}

/** A receiver and all that hang on it. */
function withDependents({ trees, receivers }: Course, receiver: number): ReadonlySet<number> {
  const hanging = receivers.filter((other) => trees.some(({ senders }) => senders[other] === receiver));
  return new Set([receiver, ...hanging]);
}
