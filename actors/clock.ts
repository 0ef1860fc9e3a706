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

/** The same time, for what only goes along with something else: its timers don't keep the process alive. */
export const backgroundClock: Clock = {
  now: systemClock.now,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Milliseconds since the Unix epoch at a moment of the monotonic clock: the system's time at the start of the process, and what has
 * passed since. It never steps, whatever becomes of the system's clock meanwhile.
 */
export function unixMsAt(nowMs: number): number {
  return performance.timeOrigin + nowMs;
}

/** The same of this moment: peers of one machine can compare theirs. */
export function unixNow(): number {
  return unixMsAt(performance.now());
}
