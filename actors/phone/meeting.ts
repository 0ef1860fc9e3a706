import type { Call } from '../call/call.ts';

/**
 * Resolves as soon as somebody else of the room has introduced themselves, or nobody has for so long.
 *
 * @param mostMs how long a phone may wait for its answer
 */
export async function firstMet(call: Pick<Call, 'onView'>, mostMs: number): Promise<void> {
  const waiting = new AbortController();
  const met = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, mostMs);
    const stop = call.onView(({ members }) => {
      // We are one of them.
      if (members.size > 1) resolve();
    });
    waiting.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      stop();
    });
  });
  await met;
  waiting.abort();
}
