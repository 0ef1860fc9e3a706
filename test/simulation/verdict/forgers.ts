/** Who makes up packets, as a script has it, and what receivers made of them. */
import type { PeerId } from '../../../machines/messages.ts';

/** With the key of what it relays, or without. */
type How = 'sealed' | 'at all';

export class Forgers {
  /** By whose packets that were made up receivers were deceived, each time, and whom they named for it. */
  readonly forgeries: Record<'played' | 'named', PeerId[]> = { played: [], named: [] };
  /** By who seems to send them: to all, or to one receiver, `FORGER>RECEIVER`. */
  readonly #forgers = new Map<string, ReadonlySet<How>>();

  note(forger: string, how: readonly How[]): void {
    this.#forgers.set(forger, new Set([...(this.#forgers.get(forger) ?? []), ...how]));
  }

  forges(via: PeerId, how: How, receiver: PeerId): boolean {
    return [via, `${via}>${receiver}`].some((forger) => this.#forgers.get(forger)?.has(how) === true);
  }
}
