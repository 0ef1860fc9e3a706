/** Time as actors see it: a test gives its own. */

export interface Clock {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Runs `task` once after about `delayMs`; the function returned calls it off. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
