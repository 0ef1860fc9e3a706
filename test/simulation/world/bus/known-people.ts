/** Whom users know by which key: all that there are have met before, and what they say of another key counts from then on. */
import type { KnownKeys } from '../../../../actors/bus/sealing/contract.ts';
import type { PeerId } from '../../../../machines/messages.ts';
import type { Identities } from './identities.ts';

export class KnownPeople implements KnownKeys {
  readonly #identities: Identities;
  /** Instead of the keys that they had at first. */
  readonly #trusted = new Map<PeerId, string>();

  constructor(identities: Identities) {
    this.#identities = identities;
  }

  keyOf(id: PeerId): string {
    return this.#trusted.get(id) ?? this.#identities.of(id).publicKey;
  }

  /** All users say that this key is right. */
  trust(id: PeerId, publicKey: string): void {
    this.#trusted.set(id, publicKey);
  }

  meet(): void {
    // Everybody is met.
  }

  refuse(): void {
    // Users are told, and say nothing yet.
  }
}
