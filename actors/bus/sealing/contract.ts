/** How a peer speaks on the bus, and whom it believes. */
import type { Identity } from '../../../infra/crypto/identity-key.ts';
import type { SecretKey } from '../../../infra/crypto/secret-key.ts';
import type { MessageFault, PeerId } from '../../../machines/messages.ts';

export interface Keys {
  /** Signs what we say; null: nobody can tell us from others. */
  readonly identity: Identity | null;
  /** Of the room's door; null: it stands open. */
  readonly room: SecretKey | null;
  readonly known: KnownKeys;
}

/** By which Ed25519 key (base64url) each id is known. */
export interface KnownKeys {
  keyOf(id: PeerId): string | undefined;
  /** It has proved that it is here, and was not known before. */
  meet(id: PeerId, key: string): void;
  /** It speaks, by a signature that is good, under another key than the known one. */
  refuse(id: PeerId, key: string): void;
}

/**
 * `locked`: sealed under a key that we do not have, or changed on the way. `unlocked`: in the clear, and the room has a key.
 * `unsigned`: of one who is known to sign. `forged`: the signature is not good. `other-key`: signed, but not by the key that the id is
 * known by. `replayed`: said before, or to another process than this. `unproven`: nothing shows that it is said now.
 */
export type SealFault =
  | 'locked'
  | 'unlocked'
  | 'unsigned'
  | 'forged'
  | 'other-key'
  | 'replayed'
  | 'unproven'
  | 'flood'
  | Extract<MessageFault, 'invalid'>;

export interface Refused {
  readonly fault: SealFault;
  readonly detail: string;
  /** The sender must be asked to prove that it is here. */
  readonly ask?: boolean;
}

/** A process of a peer in a room. */
export interface Self {
  readonly id: PeerId;
  readonly epoch: number;
}
