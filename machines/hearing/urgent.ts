/**
 * What goes to a member by the media path beside the bus, since packets wait for it: a request, the answers to one that came so, and
 * who brings what was forged.
 * Pure: the time is given.
 */
import type { Kind, PeerId } from '../messages.ts';

/** What is taken from the media path: nothing else is urgent. */
const URGENT_KINDS: readonly Kind[] = ['relay.request', 'relay.offer', 'relay.reject', 'media.forged'];
const ANSWERS: readonly Kind[] = ['relay.offer', 'relay.reject'];
/** A request that came so is answered so for as long: by then its sender has given up. In ms. */
const ANSWERED_SO_MS = 2_000;

export class Urgent {
  /** By member: when a request of it came by the media path. */
  readonly #askedMs = new Map<PeerId, number>();

  /** Whether a message to this member goes both ways, as it was asked to or since it answers what came so. */
  goesBothWays(to: PeerId, kind: Kind, isUrgent: boolean, nowMs: number): boolean {
    if (isUrgent) return true;
    const askedMs = this.#askedMs.get(to);
    return ANSWERS.includes(kind) && askedMs !== undefined && nowMs - askedMs < ANSWERED_SO_MS;
  }

  /** A message has come by the media path. Returns whether it is one that may. */
  came(from: PeerId, kind: Kind, nowMs: number): boolean {
    if (!URGENT_KINDS.includes(kind)) return false;
    for (const [peer, askedMs] of this.#askedMs) if (nowMs - askedMs >= ANSWERED_SO_MS) this.#askedMs.delete(peer);
    if (kind === 'relay.request') this.#askedMs.set(from, nowMs);
    return true;
  }
}
