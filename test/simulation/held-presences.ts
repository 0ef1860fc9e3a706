/** The shipped filter of presences, fed as the shipped bus actor feeds it: what says nothing new never reaches the machines. */
import { PresenceFilter, TELL_MS } from '../../actors/presence-filter.ts';
import { type Incoming, type Kind, type Outgoing, type PeerId, SESSION_KINDS } from '../../machines/messages.ts';
import type { Heard } from '../../machines/ports.ts';
import { ALL } from '../../machines/subjects.ts';

export { TELL_MS };

export class HeldPresences {
  readonly #filter: PresenceFilter;

  constructor(nowMs: number) {
    this.#filter = new PresenceFilter(nowMs);
  }

  /** A message of the own process goes out. */
  said(to: PeerId | typeof ALL, { kind }: Outgoing, nowMs: number): void {
    if (to === ALL && kind === 'invite') this.#filter.clear();
    else if (isAgreement(kind)) this.#filter.agreed(to, nowMs);
  }

  /** A message has come, as this text: need the machines not see it? */
  holdsBack({ kind, from }: Incoming, text: string, nowMs: number): boolean {
    if (kind === 'presence') return this.#filter.holds(from, text, nowMs);
    if (SESSION_KINDS.includes(kind)) this.#filter.forget(from);
    if (isAgreement(kind)) this.#filter.agreed(from, nowMs);
    return false;
  }

  /** To be told to the machines every {@link TELL_MS}. */
  due(nowMs: number): Heard[] {
    return this.#filter.due(nowMs);
  }
}

function isAgreement(kind: Kind): boolean {
  return kind.startsWith('relay.');
}
