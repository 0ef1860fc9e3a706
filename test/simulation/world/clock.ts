/** Virtual time: a queue of deadlines, run in order. The clock that XState's `after` uses, and the network's too. */

/** What XState takes as its clock. */
export interface Clock {
  setTimeout(run: (...args: unknown[]) => void, delayMs: number): unknown;
  clearTimeout(id: unknown): void;
}

class Deadline {
  readonly at: number;
  /** Deadlines of the same moment run in the order they were set. */
  readonly order: number;
  readonly run: () => void;
  cancelled = false;

  constructor(at: number, order: number, run: () => void) {
    this.at = at;
    this.order = order;
    this.run = run;
  }
}

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #heap: Deadline[] = [];

  now(): number {
    return this.#now;
  }

  setTimeout(run: (...args: unknown[]) => void, delayMs: number): unknown {
    this.#order += 1;
    const deadline = new Deadline(this.#now + Math.max(0, delayMs), this.#order, run);
    this.#push(deadline);
    return deadline;
  }

  clearTimeout(id: unknown): void {
    if (id instanceof Deadline) id.cancelled = true;
  }

  /** Run everything due up to and including `until` (ms), deadline by deadline. */
  runUntil(until: number): void {
    while (this.step(until));
    this.#now = Math.max(this.#now, until);
  }

  /** Run the next deadline that is due by `until`; false where there is none. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.#now = next.at;
      next.run();
      return true;
    }
    return false;
  }

  #push(deadline: Deadline): void {
    const heap = this.#heap;
    let index = heap.push(deadline) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(deadline, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = deadline;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const a = heap[left];
      const b = heap[right];
      if (a === undefined) break;
      const [child, smaller] = b !== undefined && isBefore(b, a) ? [right, b] : [left, a];
      if (!isBefore(smaller, last)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Deadline, b: Deadline): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
