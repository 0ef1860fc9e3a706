/** Ctrl-C ends a command that watches in good order; a second one at once. */
import { Leaving } from '../leaving.ts';

/** Calls `end` at the first signal, and leaves the process when it has ended. */
export function endWhenAsked(end: () => Promise<void>): void {
  const { asked } = new Leaving();
  asked.addEventListener('abort', () => void end().then(() => process.exit()));
}
