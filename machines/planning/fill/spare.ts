/** Who has most upload left to lend: a binary heap of peers by spare bit/s, ids breaking ties. */
export class SpareUpload {
  readonly #spare: number[];
  readonly #heap: number[] = [];
  /** Where in the heap a peer is; -1: taken out. */
  readonly #places: number[];

  /** @param spareBps by peer index; who has none is left out. */
  constructor(spareBps: readonly number[]) {
    this.#spare = [...spareBps];
    this.#places = spareBps.map(() => -1);
    this.#spare.forEach((spare, index) => {
      if (spare > 0) this.put(index);
    });
  }

  of(peer: number): number {
    return this.#spare[peer] ?? 0;
  }

  /** The peer with most spare. */
  top(): number | undefined {
    return this.#heap[0];
  }

  /** The peer with most spare, out of the heap until it is put back. */
  take(): number | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top === undefined || last === undefined) return undefined;
    this.#places[top] = -1;
    if (this.#heap.length > 0) {
      this.#seat(last, 0);
      this.#sink(0);
    }
    return top;
  }

  put(peer: number): void {
    this.#seat(peer, this.#heap.length);
    this.#rise(this.#heap.length - 1);
  }

  spend(peer: number, bps: number): void {
    this.#spare[peer] = Math.max(0, this.of(peer) - bps);
    const place = this.#places[peer] ?? -1;
    if (place >= 0) this.#sink(place);
  }

  /** Undo {@link spend}. */
  giveBack(peer: number, bps: number): void {
    this.#spare[peer] = this.of(peer) + bps;
    const place = this.#places[peer] ?? -1;
    if (place >= 0) this.#rise(place);
    else if (bps > 0) this.put(peer);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && this.#before(child, first)) first = child;
      }
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #before(a: number, b: number): boolean {
    const left = this.#heap[a] ?? 0;
    const right = this.#heap[b] ?? 0;
    const difference = this.of(left) - this.of(right);
    return difference > 0 || (difference === 0 && left < right);
  }

  #swap(a: number, b: number): void {
    const held = this.#heap[a] ?? 0;
    this.#seat(this.#heap[b] ?? 0, a);
    this.#seat(held, b);
  }

  #seat(peer: number, place: number): void {
    this.#heap[place] = peer;
    this.#places[peer] = place;
  }
}
