/** The keys of this peer's pairs: one for each process that it has met. */
import { type KeyPair, pairKey } from '../../infra/stun/pair-key.ts';
import type { PeerId } from '../../machines/messages.ts';

/** A process of a peer in a room. */
export interface Incarnation {
  readonly id: PeerId;
  readonly epoch: number;
}

interface Known {
  readonly epoch: number;
  readonly publicKey: string;
  readonly key: Uint8Array | undefined;
}

export class PairKeys {
  readonly #own: KeyPair;
  readonly #room: string;
  readonly #self: Incarnation;
  readonly #known = new Map<PeerId, Known>();

  constructor(own: KeyPair, room: string, self: Incarnation) {
    this.#own = own;
    this.#room = room;
    this.#self = self;
  }

  /** These are met, and no others. A member whose text is no key has none. */
  follow(members: readonly (Incarnation & { readonly key: string | null })[]): void {
    const there = new Set(members.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!there.has(id)) this.#known.delete(id);
    for (const { id, epoch, key: publicKey } of members) {
      if (publicKey === null) continue;
      const known = this.#known.get(id);
      if (known?.epoch === epoch && known.publicKey === publicKey) continue;
      const key = pairKey(this.#own, publicKey, { salt: this.#room, info: bindingOf(this.#self, { id, epoch }) });
      this.#known.set(id, { epoch, publicKey, key });
    }
  }

  of(id: PeerId): Uint8Array | undefined {
    return this.#known.get(id)?.key;
  }
}

/** The same text at both ends, and another one for any other two processes. */
function bindingOf(a: Incarnation, b: Incarnation): string {
  return `rpr pair ${[a, b]
    .map(({ id, epoch }) => `${id}:${epoch}`)
    .sort()
    .join(' ')}`;
}
