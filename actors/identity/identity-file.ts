/** Who we are: the key in a file of the user's, made the first time. */
import { freshIdentity, type Identity, readIdentity, writeIdentity } from '../../infra/crypto/identity-key.ts';
import { IdentityError } from './errors.ts';
import { createPrivate, readPrivate } from './private-file.ts';

/**
 * The identity in this file, or a new one where there is no file.
 *
 * @throws {IdentityError} where the file cannot be used; it is left as it is
 */
export function keptIdentity(path: string): Identity {
  const text = readPrivate(path);
  if (text !== undefined) return identityIn(text, path);
  const identity = freshIdentity();
  if (createPrivate(path, writeIdentity(identity))) return identity;
  // Another process of the user's was quicker.
  return identityIn(readPrivate(path) ?? '', path);
}

function identityIn(text: string, path: string): Identity {
  const identity = readIdentity(text);
  if (identity !== undefined) return identity;
  throw new IdentityError(
    'identity.damaged',
    `${path} holds no Ed25519 key in PEM form. Put a copy of it back; or move it away: a new one is made then, which others have to trust once by \`rpr trust\`.`,
  );
}
