/** Gets the keys by which a peer speaks, and says in a line where they leave the room open. */
import type { Identity } from '../../infra/crypto/identity-key.ts';
import { SecretKey } from '../../infra/crypto/secret-key.ts';
import { keptIdentity } from '../identity/identity-file.ts';
import { KnownMembers } from '../identity/known-members.ts';
import { knownPath } from '../identity/places.ts';
import type { PeerOptions } from '../options/contract.ts';
import type { DoorNews } from './door-news.ts';

export interface OpeningKeys {
  readonly identity: Identity | null;
  /** Of the room's door: scrypt takes some 30 ms of another thread. Null: it stands open. */
  readonly room: Promise<SecretKey | null>;
  readonly known: KnownMembers;
}

/** @throws {IdentityError} where a file of the user's cannot be used */
export function openKeys(
  { room, keys: { folder, identity, roomKey } }: Pick<PeerOptions, 'room' | 'keys'>,
  note: (news: DoorNews) => void,
): OpeningKeys {
  const known = new KnownMembers({
    path: identity === null ? null : knownPath(folder),
    onFailed: (error) => note({ type: 'known.failed', reason: error.message }),
  });
  const own = identity === null ? null : keptIdentity(identity);
  if (roomKey === null) note({ type: 'door.open', room });
  if (own === null) note({ type: 'identity.none' });
  return {
    ...{ identity: own, known },
    room: roomKey === null ? Promise.resolve(null) : roomKeyOf(roomKey, room),
  };
}

/** The key that all have who know the room's secret. */
export function roomKeyOf(secret: string, room: string): Promise<SecretKey> {
  return SecretKey.of(secret, `rpr room ${room}`);
}
