/** The times of SIP (RFC 3261 section 17.1.1.1 and table 4), in ms, and a queue of them that is stepped by a given clock. */

/** An estimate of the round trip. */
const T1_MS = 500;
/** The longest wait between two tries. */
export const T2_MS = 4000;
/** How long a message can stay in the network. */
export const T4_MS = 5000;
/** When a transaction has failed, and how long what is over is remembered. */
export const GIVE_UP_MS = 64 * T1_MS;

export interface Timer {
  readonly atMs: number;
  /** Null: it is called off, and holds nothing any more. */
  task: ((nowMs: number) => void) | null;
}

/** So few that are called off are not worth looking for. */
const FEW = 256;

/** A binary heap by time. What is called off stays in it until its time comes, or until that is most of it. */
export class TimerQueue {
  #heap: Timer[] = [];
  #calledOff = 0;

  /** For tests of what is left. */
  get size(): number {
    return this.#heap.length;
  }

  /** It does nothing any more. Null: there is none. */
  callOff(timer: Timer | null): void {
    if (timer === null || timer.task === null) return;
    timer.task = null;
    this.#calledOff++;
    if (this.#calledOff < FEW || 2 * this.#calledOff < this.#heap.length) return;
    // In order of time an array is a heap.
    this.#heap = this.#heap.filter(({ task }) => task !== null).sort((a, b) => a.atMs - b.atMs);
    this.#calledOff = 0;
  }

  /** Runs `task` once that moment has come, at the next {@link wake}. */
  at(atMs: number, task: (nowMs: number) => void): Timer {
    const timer: Timer = { atMs, task };
    const heap = this.#heap;
    let place = heap.push(timer) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.atMs <= atMs) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = timer;
    return timer;
  }

  /** When to wake at the latest; null: never. */
  get nextMs(): number | null {
    while (this.#heap[0]?.task === null) {
      this.#pop();
      this.#calledOff--;
    }
    return this.#heap[0]?.atMs ?? null;
  }

  /** Does all that is due. */
  wake(nowMs: number): void {
    for (let next = this.nextMs; next !== null && next <= nowMs; next = this.nextMs) {
      const timer = this.#pop();
      const task = timer?.task;
      // To call it off now is too late, and counts for nothing.
      if (timer !== undefined) timer.task = null;
      task?.(nowMs);
    }
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let [child, other] = [heap[below], heap[below + 1]];
      if (child !== undefined && other !== undefined && other.atMs < child.atMs) {
        [child, other] = [other, child];
        below++;
      }
      if (child === undefined || child.atMs >= last.atMs) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

/** Sends again and again, ever later, until it is stopped: timers A, E and G. */
export class Repetition {
  readonly #timers: TimerQueue;
  readonly #task: () => void;
  readonly #mostMs: number;
  #waitMs: number;
  #timer: Timer | null = null;

  constructor(timers: TimerQueue, mostMs: number, task: () => void) {
    this.#timers = timers;
    this.#task = task;
    this.#mostMs = mostMs;
    this.#waitMs = T1_MS;
  }

  start(nowMs: number): void {
    this.stop();
    this.#timer = this.#timers.at(nowMs + this.#waitMs, (atMs) => {
      this.#task();
      this.#waitMs = Math.min(2 * this.#waitMs, this.#mostMs);
      this.start(atMs);
    });
  }

  /** As seldom as it gets, from now on. */
  slow(nowMs: number): void {
    this.#waitMs = this.#mostMs;
    this.start(nowMs);
  }

  stop(): void {
    this.#timers.callOff(this.#timer);
    this.#timer = null;
  }
}
