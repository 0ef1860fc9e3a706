/** Which peers of a room reach each other directly. */

/** Bits of a neighbourhood that go into one character of its key. */
const KEY_BITS = 16;

export class Graph {
  /** By peer index: peers with the same neighbours have the same class, and are as good as each other as relays. */
  readonly classOf: readonly number[];
  readonly #size: number;
  /** By pair: 1 where there is no edge. */
  readonly #cut: Uint8Array;

  /** @param cut pairs of peer indices, in either order */
  constructor(size: number, cut: readonly (readonly [number, number])[]) {
    this.#size = size;
    this.#cut = new Uint8Array(size * size);
    for (const [a, b] of cut) {
      this.#cut[a * size + b] = 1;
      this.#cut[b * size + a] = 1;
    }
    this.classOf = this.#classes();
  }

  /** Whether packets can go between two peers without a relay. */
  hasEdge(a: number, b: number): boolean {
    return this.#cut[a * this.#size + b] === 0;
  }

  /** The peers that one can't reach. */
  cutFrom(peer: number): number[] {
    const row = this.#cut.subarray(peer * this.#size, (peer + 1) * this.#size);
    const found: number[] = [];
    for (let other = row.indexOf(1); other >= 0; other = row.indexOf(1, other + 1)) found.push(other);
    return found;
  }

  /** Peers that are cut from each other are alike if they are cut from the same others, too. */
  #classes(): number[] {
    const open = Array.from({ length: this.#size }, (_, peer) => this.#key(peer, null));
    const counts = new Map<string, number>();
    for (const key of open) counts.set(key, (counts.get(key) ?? 0) + 1);
    const classes = new Map<string, number>();
    return open.map((key, peer) => {
      const own = counts.get(key) === 1 ? `with ${this.#key(peer, peer)}` : key;
      const known = classes.get(own) ?? classes.size;
      classes.set(own, known);
      return known;
    });
  }

  /** @param also counted as cut as well */
  #key(peer: number, also: number | null): string {
    const codes = new Array<number>(Math.ceil(this.#size / KEY_BITS)).fill(0);
    const others = this.cutFrom(peer);
    for (const other of also === null ? others : [...others, also]) {
      const word = Math.floor(other / KEY_BITS);
      codes[word] = (codes[word] ?? 0) | (1 << (other % KEY_BITS));
    }
    return String.fromCharCode(...codes);
  }
}

/**
 * @param cut pairs of ids; those of peers that are not there, and of a peer with itself, mean nothing
 * @returns `null` where everybody reaches everybody
 */
export function graphOf(
  indexOf: ReadonlyMap<string, number>,
  cut: readonly (readonly [string, string])[],
): Graph | null {
  const pairs = cut.flatMap(([a, b]): [number, number][] => {
    const [from, to] = [indexOf.get(a), indexOf.get(b)];
    return from === undefined || to === undefined || from === to ? [] : [[from, to]];
  });
  return pairs.length === 0 ? null : new Graph(indexOf.size, pairs);
}
