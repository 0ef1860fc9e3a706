/** Whom users know by which key: all that there are have met before, and what they say of another key counts from then on. */
import type { KnownKeys } from '../../../actors/bus/sealing/contract.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Identities } from './identities.ts';

export class KnownPeople implements KnownKeys {
  readonly #identities: Identities;
  readonly #trusted: ReadonlyMap<PeerId, string>;

  /** @param trusted instead of the keys that they had at first */
  constructor(identities: Identities, trusted: ReadonlyMap<PeerId, string>) {
    this.#identities = identities;
    this.#trusted = trusted;
  }

  keyOf(id: PeerId): string {
    return this.#trusted.get(id) ?? this.#identities.of(id).publicKey;
  }

  meet(): void {
    // Everybody is met.
  }

  refuse(): void {
    // Users are told, and say nothing yet.
  }
}
