/** Who has most upload left to lend: a binary heap of peers by spare bit/s, ids breaking ties. */
export class SpareUpload {
  readonly #spare: number[];
  readonly #heap: number[] = [];

  /** @param spareBps by peer index; who has none is left out. */
  constructor(spareBps: readonly number[]) {
    this.#spare = [...spareBps];
    this.#spare.forEach((spare, index) => {
      if (spare > 0) this.put(index);
    });
  }

  of(peer: number): number {
    return this.#spare[peer] ?? 0;
  }

  /** The peer with most spare, out of the heap until it is put back. */
  take(): number | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top !== undefined && last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return top;
  }

  put(peer: number): void {
    this.#heap.push(peer);
    this.#rise(this.#heap.length - 1);
  }

  /** Only for a peer that is out of the heap. */
  spend(peer: number, bps: number): void {
    this.#spare[peer] = Math.max(0, this.of(peer) - bps);
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
    this.#heap[a] = this.#heap[b] ?? 0;
    this.#heap[b] = held;
  }
}
