import { CodedError } from '../../infra/coded-error.ts';

/** Why a file of keys cannot be used. Stable: programs switch on them. */
export type IdentityErrorCode =
  | 'identity.exposed'
  | 'identity.damaged'
  | 'identity.unreadable'
  | 'identity.unwritable'
  | 'identity.unknown'
  | 'identity.several';

export class IdentityError extends CodedError<IdentityErrorCode> {
  override readonly name = 'IdentityError';
}
