/** Waiting with an end to it. */

/**
 * Waits for `work`, but no longer than `ms` and not beyond `signal`.
 *
 * @throws the signal's reason, or what `late` makes when the time is up
 */
export async function within<T>(signal: AbortSignal, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    stop();
  }
}
