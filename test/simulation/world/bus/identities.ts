/** The keys by which simulated members sign: of one seed always the same. */
import { createPrivateKey } from 'node:crypto';
import { type Identity, readIdentity } from '../../../../infra/crypto/identity-key.ts';
import type { PeerId } from '../../../../machines/messages.ts';
import type { Random } from '../random.ts';

/** PKCS #8 of an Ed25519 key (RFC 8410 section 7), up to its 32 bytes. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

export class Identities {
  readonly #random: Random;
  readonly #known = new Map<PeerId, Identity>();

  constructor(random: Random) {
    this.#random = random;
  }

  of(peer: PeerId): Identity {
    const known = this.#known.get(peer);
    if (known !== undefined) return known;
    const seed = this.#random.fork(peer).bytes(SEED_BYTES);
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
    const identity = readIdentity(key.export({ type: 'pkcs8', format: 'pem' }).toString());
    if (identity === undefined) throw new Error('a seed made no key');
    this.#known.set(peer, identity);
    return identity;
  }
}
