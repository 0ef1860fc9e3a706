/**
 * Addresses that have proved nothing, whoever names them: each is begun with anew only now and then, or members that name a stranger's
 * again and again would have all of the room flood it. Pure: the time is given.
 */
import type { Endpoint } from '../messages.ts';
import { textOf } from './remote-address.ts';

export class UnprovedAddresses {
  /** When each was checked last, the oldest first. */
  readonly #checkedMs = new Map<string, number>();

  /** When it may be begun with. @param restMs between its last check and that */
  freeMs(address: Endpoint, restMs: number): number {
    return (this.#checkedMs.get(textOf(address)) ?? Number.NEGATIVE_INFINITY) + restMs;
  }

  checked(address: Endpoint, nowMs: number, restMs: number): void {
    const text = textOf(address);
    this.#checkedMs.delete(text);
    this.#checkedMs.set(text, nowMs);
    for (const [oldest, atMs] of this.#checkedMs) {
      if (nowMs - atMs < restMs) break;
      this.#checkedMs.delete(oldest);
    }
  }
}
