/** Checks of pairs as STUN messages (RFC 8489): what is written, and what may be believed of what is read. */
import type { Endpoint } from '../../infra/path/contract.ts';
import { verifyStun } from '../../infra/stun/integrity.ts';
import type { ReceivedStun } from '../../infra/stun/message.ts';
import { readStun } from '../../infra/stun/read.ts';
import { writeStun } from '../../infra/stun/write.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { PairKeys } from './pair-keys.ts';
import { Serials } from './serials.ts';

/** What a datagram turned out to be. */
export type Arrived =
  /** A member asks whether we are here. */
  | { readonly type: 'asked'; readonly peer: PeerId; readonly transaction: string }
  /** A member says that it is there, and as what it sees us. */
  | { readonly type: 'answered'; readonly transaction: string; readonly mapped: Endpoint | undefined }
  /** Of nobody's pair: a server's answer, or a stranger's question. */
  | { readonly type: 'other'; readonly message: ReceivedStun }
  | { readonly type: 'bad' };

export class Checks {
  readonly #self: PeerId;
  readonly #keys: PairKeys;
  /** Of the checks that have come, by the key of their pair. */
  readonly #serials = new WeakMap<Uint8Array, Serials>();
  #sent = 0;

  constructor(self: PeerId, keys: PairKeys) {
    this.#self = self;
    this.#keys = keys;
  }

  /** @returns undefined where the pair has no key */
  request(peer: PeerId, transactionId: string): Uint8Array | undefined {
    const key = this.#keys.of(peer);
    if (key === undefined) return undefined;
    const username = `${peer}:${this.#self}`;
    this.#sent += 1;
    return writeStun(
      { class: 'request', method: 'binding', transactionId, username, serial: this.#sent },
      { integrity: { hash: 'sha256', key } },
    );
  }

  /** @param seenAs where the request came from, which the answer tells; null: a TURN server saw it, not we */
  answer(peer: PeerId, transactionId: string, seenAs: Endpoint | null): Uint8Array | undefined {
    const key = this.#keys.of(peer);
    if (key === undefined) return undefined;
    return writeStun(
      {
        class: 'success',
        method: 'binding',
        transactionId,
        ...(seenAs === null ? {} : { mappedAddress: seenAs }),
      },
      { integrity: { hash: 'sha256', key } },
    );
  }

  /** @param askedOf whom we have asked under a transaction */
  read(bytes: Uint8Array, askedOf: (transaction: string) => PeerId | undefined): Arrived {
    const message = readStun(bytes);
    if (message === undefined) return { type: 'bad' };
    if (message.method !== 'binding') return { type: 'other', message };
    const { class: kind, username, serial, transactionId: transaction } = message;
    if (kind === 'request' && username !== undefined) {
      const [to, peer, ...rest] = username.split(':');
      if (to !== this.#self || peer === undefined || rest.length > 0) return { type: 'bad' };
      return this.#isProved(bytes, peer) && this.#isFirst(peer, serial)
        ? { type: 'asked', peer, transaction }
        : { type: 'bad' };
    }
    const asked = kind === 'success' ? askedOf(transaction) : undefined;
    if (asked === undefined) return { type: 'other', message };
    if (!this.#isProved(bytes, asked)) return { type: 'bad' };
    return { type: 'answered', transaction, mapped: message.mappedAddress };
  }

  /** Whoever has caught a check on its way could send it from anywhere, and later. */
  #isFirst(peer: PeerId, serial: number | undefined): boolean {
    const key = this.#keys.of(peer);
    if (key === undefined || serial === undefined) return false;
    const serials = this.#serials.get(key) ?? new Serials();
    this.#serials.set(key, serials);
    return serials.take(serial);
  }

  #isProved(bytes: Uint8Array, peer: PeerId): boolean {
    const key = this.#keys.of(peer);
    return key !== undefined && verifyStun(bytes, key);
  }
}
