/** The cipher of one direction, with all session keys derived from its master key. */
import { CounterModeCipher, type CounterModeKey } from './counter-mode-cipher.ts';
import { GcmCipher } from './gcm-cipher.ts';
import { deriveKey } from './key-derivation.ts';
import type { PacketCipher } from './packet-cipher.ts';
import type { MasterKey } from './profile.ts';

/** HMAC-SHA1's key (RFC 3711 section 5.2). */
const AUTHENTICATION_KEY_BYTES = 20;

export function sessionCipher(master: MasterKey): PacketCipher {
  const { keyBytes, saltBytes, name } = master.profile;
  const keyOf = (protocol: 'rtp' | 'rtcp'): CounterModeKey => ({
    key: deriveKey(master, protocol, 'encryption', keyBytes),
    salt: deriveKey(master, protocol, 'salt', saltBytes),
    authentication: deriveKey(master, protocol, 'authentication', AUTHENTICATION_KEY_BYTES),
  });
  if (name === 'AEAD_AES_128_GCM') return gcmCipher(master);
  return new CounterModeCipher({ rtp: keyOf('rtp'), rtcp: keyOf('rtcp') });
}

/** @param master of the profile AEAD_AES_128_GCM */
export function gcmCipher(master: MasterKey): GcmCipher {
  const { keyBytes, saltBytes } = master.profile;
  const keyOf = (protocol: 'rtp' | 'rtcp') => ({
    key: deriveKey(master, protocol, 'encryption', keyBytes),
    salt: deriveKey(master, protocol, 'salt', saltBytes),
  });
  return new GcmCipher({ rtp: keyOf('rtp'), rtcp: keyOf('rtcp') });
}
