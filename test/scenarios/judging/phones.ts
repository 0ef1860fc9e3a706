/** What a phone of a scenario shows, and what it reports of what it gets. */
import type { PeerId } from '../../../machines/messages.ts';

export interface PhoneView {
  /** Whose picture; null: nobody's, as where a decoder has lost its way. */
  readonly shows: PeerId | null;
  /** Another picture followed. */
  readonly moves: boolean;
}

export interface PhoneRecord {
  /** While the one that it has dialled is there: after each step, and at the end. */
  readonly views: readonly PhoneView[];
  /** Packets of each kind that it reports lost by RTCP; a kind that it has not reported on is missing. */
  readonly lost: Readonly<Partial<Record<'audio' | 'video', number>>>;
}
