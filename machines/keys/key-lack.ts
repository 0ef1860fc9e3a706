/** When to ask a member for keys: something has come of it that none of its keys opens. Driven by the packets alone. Pure: the time is given. */
import type { PeerId } from '../messages.ts';
import { DELAYS } from '../timers.ts';

interface Lack {
  readonly sinceMs: number;
  askedMs: number;
}

export class KeyLack {
  readonly #lacks = new Map<PeerId, Lack>();

  /**
   * A packet of this member waits for a key.
   *
   * @returns whether to ask for it now
   */
  lacking(peer: PeerId, nowMs: number): boolean {
    const known = this.#lacks.get(peer);
    // Keys that have not been heard of for so long are not those of a packet that overtook them.
    const lack = known ?? { sinceMs: nowMs, askedMs: Number.NEGATIVE_INFINITY };
    if (known === undefined) this.#lacks.set(peer, lack);
    if (nowMs - lack.sinceMs < DELAYS.keyPatience || nowMs - lack.askedMs < DELAYS.keyAskAgain) return false;
    lack.askedMs = nowMs;
    return true;
  }

  /** Keys of this member have come. */
  told(peer: PeerId, nowMs: number): void {
    const lack = this.#lacks.get(peer);
    // Who lacks something still waits for as long as one that has just asked.
    if (lack !== undefined) this.#lacks.set(peer, { sinceMs: nowMs, askedMs: lack.askedMs });
  }

  /** Forgets all but these. */
  keepOnly(peers: ReadonlySet<PeerId>): void {
    for (const peer of this.#lacks.keys()) if (!peers.has(peer)) this.#lacks.delete(peer);
  }
}
