/** Which peers of a room reach each other directly, and between which of them a packet costs: it goes over somebody's TURN server. */

/** Bits of a neighbourhood that go into one character of its key. */
const KEY_BITS = 16;

/** What stands between two peers, as the toll of a packet: nothing, a server, or all. */
const FREE = 0;
const COSTLY = 1;
const CUT = 255;

export type PairOfIds = readonly [string, string];

export class Graph {
  /** By peer index: peers with the same neighbours have the same class, and are as good as each other as relays. */
  readonly classOf: readonly number[];
  /** Whether any pair is costly. */
  readonly hasTolls: boolean;
  readonly #size: number;
  /** By pair. */
  readonly #tolls: Uint8Array;

  /** @param cut pairs of peer indices, in either order; so are the costly ones, of which those that are cut are just that */
  constructor(
    size: number,
    cut: readonly (readonly [number, number])[],
    costly: readonly (readonly [number, number])[] = [],
  ) {
    this.#size = size;
    this.#tolls = new Uint8Array(size * size);
    for (const [toll, pairs] of [[COSTLY, costly] as const, [CUT, cut] as const]) {
      for (const [a, b] of pairs) {
        this.#tolls[a * size + b] = toll;
        this.#tolls[b * size + a] = toll;
      }
    }
    this.hasTolls = this.#tolls.includes(COSTLY);
    this.classOf = this.#classes();
  }

  /** Whether packets can go between two peers without a relay. */
  hasEdge(a: number, b: number): boolean {
    return this.toll(a, b) !== CUT;
  }

  /** Whether they can, and no server is in between. */
  isFree(a: number, b: number): boolean {
    return this.toll(a, b) === FREE;
  }

  /** 0: none; 1: between these a copy goes over a TURN server. More than any tree pays, where there is no edge. */
  toll(a: number, b: number): number {
    return this.#tolls[a * this.#size + b] ?? CUT;
  }

  /** The peers that one can't reach. */
  cutFrom(peer: number): number[] {
    return this.#withToll(peer, CUT);
  }

  #withToll(peer: number, toll: number): number[] {
    const row = this.#tolls.subarray(peer * this.#size, (peer + 1) * this.#size);
    const found: number[] = [];
    for (let other = row.indexOf(toll); other >= 0; other = row.indexOf(toll, other + 1)) found.push(other);
    return found;
  }

  /** Peers that are cut from each other, or pay for each other, are alike if all others are the same to them, too. */
  #classes(): number[] {
    const between = this.hasTolls ? [null, CUT, COSTLY] : [null, CUT];
    const keys = between.map((toll) => Array.from({ length: this.#size }, (_, peer) => this.#key(peer, toll)));
    const counts = new Map<string, number>();
    for (const key of keys.flat()) counts.set(key, (counts.get(key) ?? 0) + 1);
    const classes = new Map<string, number>();
    return Array.from({ length: this.#size }, (_, peer) => {
      const own = keys.map((all) => all[peer] ?? '');
      const shared = own.find((key) => (counts.get(key) ?? 0) > 1) ?? own[0] ?? '';
      const known = classes.get(shared) ?? classes.size;
      classes.set(shared, known);
      return known;
    });
  }

  /** @param toSelf what stands between the peer and itself, to compare it with others that have that between them */
  #key(peer: number, toSelf: number | null): string {
    const words = Math.ceil(this.#size / KEY_BITS);
    const texts = (this.hasTolls ? [CUT, COSTLY] : [CUT]).map((toll) => {
      const codes = new Array<number>(words).fill(0);
      const others = this.#withToll(peer, toll);
      for (const other of toll === toSelf ? [...others, peer] : others) {
        const word = Math.floor(other / KEY_BITS);
        codes[word] = (codes[word] ?? 0) | (1 << (other % KEY_BITS));
      }
      return String.fromCharCode(...codes);
    });
    return `${toSelf ?? ''}:${texts.join('')}`;
  }
}

/**
 * @param cut pairs of ids; those of peers that are not there, and of a peer with itself, mean nothing
 * @param costly pairs of ids, likewise
 * @returns `null` where everybody reaches everybody, at no cost
 */
export function graphOf(
  indexOf: ReadonlyMap<string, number>,
  cut: readonly PairOfIds[],
  costly: readonly PairOfIds[],
): Graph | null {
  const known = (pairs: readonly PairOfIds[]) =>
    pairs.flatMap(([a, b]): [number, number][] => {
      const [from, to] = [indexOf.get(a), indexOf.get(b)];
      return from === undefined || to === undefined || from === to ? [] : [[from, to]];
    });
  const [gone, paid] = [known(cut), known(costly)];
  return gone.length + paid.length === 0 ? null : new Graph(indexOf.size, gone, paid);
}
