/**
 * When to ask a member for keys: something has come of it that none of its keys opens. By the packets, and where no more of them come by
 * the time: a stream may pause while its first packets wait. Pure: the time is given.
 */
import type { PeerId } from '../messages.ts';
import { DELAYS } from '../timers.ts';

interface Lack {
  readonly sinceMs: number;
  askedMs: number;
  /** Something waits of which the member has not been told yet. */
  waits: boolean;
}

export class KeyLack {
  readonly #lacks = new Map<PeerId, Lack>();

  /**
   * A packet of this member waits for a key.
   *
   * @returns whether to ask for it now
   */
  lacking(peer: PeerId, nowMs: number): boolean {
    const lack = this.#lacks.get(peer) ?? { sinceMs: nowMs, askedMs: Number.NEGATIVE_INFINITY, waits: true };
    this.#lacks.set(peer, lack);
    lack.waits = true;
    return asks(lack, nowMs);
  }

  /** Whom to ask now, though no more of it has come. */
  due(nowMs: number): PeerId[] {
    return [...this.#lacks].flatMap(([peer, lack]) => (asks(lack, nowMs) ? [peer] : []));
  }

  /** When {@link due} names somebody next, in ms; infinity: not before something comes. */
  get dueMs(): number {
    const waiting = [...this.#lacks.values()].filter(({ waits }) => waits);
    return Math.min(Number.POSITIVE_INFINITY, ...waiting.map(dueOf));
  }

  /** Keys of this member have come. */
  told(peer: PeerId, nowMs: number): void {
    const lack = this.#lacks.get(peer);
    // Who lacks something still waits for as long as one that has just asked.
    if (lack !== undefined) this.#lacks.set(peer, { sinceMs: nowMs, askedMs: lack.askedMs, waits: false });
  }

  /** Forgets all but these. */
  keepOnly(peers: ReadonlySet<PeerId>): void {
    for (const peer of this.#lacks.keys()) if (!peers.has(peer)) this.#lacks.delete(peer);
  }
}

/** Keys that have not been heard of for so long are not those of a packet that overtook them. */
function dueOf({ sinceMs, askedMs }: Lack): number {
  return Math.max(sinceMs + DELAYS.keyPatience, askedMs + DELAYS.keyAskAgain);
}

function asks(lack: Lack, nowMs: number): boolean {
  if (!lack.waits || nowMs < dueOf(lack)) return false;
  lack.askedMs = nowMs;
  lack.waits = false;
  return true;
}
