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
  readonly task: (nowMs: number) => void;
  cancelled: boolean;
}

/** A binary heap by time. What is called off stays in it until its time comes. */
export class TimerQueue {
  readonly #heap: Timer[] = [];

  /** Runs `task` once that moment has come, at the next {@link wake}. */
  at(atMs: number, task: (nowMs: number) => void): Timer {
    const timer: Timer = { atMs, task, cancelled: false };
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
    while (this.#heap[0]?.cancelled) this.#pop();
    return this.#heap[0]?.atMs ?? null;
  }

  /** Does all that is due. */
  wake(nowMs: number): void {
    for (let next = this.nextMs; next !== null && next <= nowMs; next = this.nextMs) this.#pop()?.task(nowMs);
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
    if (this.#timer !== null) this.#timer.cancelled = true;
    this.#timer = null;
  }
}
