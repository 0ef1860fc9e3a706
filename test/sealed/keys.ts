/** Keys for tests. */
import type { Keys } from '../../actors/bus/sealing/contract.ts';
import { KnownMembers } from '../../actors/identity/known-members.ts';
import { freshIdentity } from '../../infra/crypto/identity-key.ts';

/** Remembers nobody beyond the test. */
export function freshKnown(): KnownMembers {
  return new KnownMembers({ path: null, onFailed: () => undefined });
}

/** A new identity in an open room, unless told otherwise. */
export function freshKeys(changes: Partial<Keys> = {}): Keys {
  return { identity: freshIdentity(), room: null, known: freshKnown(), ...changes };
}
