/**
 * What goes to a member by the media path beside the bus, since packets wait for it: a request, a question for keys, the answers to
 * what came so, and who brings what was forged. One of two that has lost the bus hears the other's media all the same.
 * Pure: the time is given.
 */
import type { Kind, PeerId } from '../messages.ts';

/** By the answer, what is asked. */
const QUESTION_OF: Partial<Record<Kind, Kind>> = {
  'relay.offer': 'relay.request',
  'relay.reject': 'relay.request',
  'media.keys': 'media.keys.ask',
};
const QUESTIONS: ReadonlySet<string> = new Set(Object.values(QUESTION_OF));
/** What is taken from the media path: nothing else is urgent. */
const URGENT_KINDS: readonly string[] = [...Object.entries(QUESTION_OF).flat(), 'media.forged'];
/** What came so is answered so for as long: by then whoever asked has given up, or asks again. In ms. */
const ANSWERED_SO_MS = 2_000;

export class Urgent {
  /** By the question that has come by the media path, and the member that it came from: when it last did. */
  readonly #askedMs = new Map<string, number>();

  /** Whether a message to this member goes both ways, as it was asked to or since it answers what came so. */
  goesBothWays(to: PeerId, kind: Kind, isUrgent: boolean, nowMs: number): boolean {
    if (isUrgent) return true;
    const question = QUESTION_OF[kind];
    const askedMs = question && this.#askedMs.get(`${question} ${to}`);
    return askedMs !== undefined && nowMs - askedMs < ANSWERED_SO_MS;
  }

  /** A message has come by the media path. Returns whether it is one that may. */
  came(from: PeerId, kind: Kind, nowMs: number): boolean {
    if (!URGENT_KINDS.includes(kind)) return false;
    for (const [what, askedMs] of this.#askedMs) if (nowMs - askedMs >= ANSWERED_SO_MS) this.#askedMs.delete(what);
    if (QUESTIONS.has(kind)) this.#askedMs.set(`${kind} ${from}`, nowMs);
    return true;
  }
}
