/** Why a file of keys cannot be used. Stable: programs switch on them. */
export type IdentityErrorCode =
  | 'identity.exposed'
  | 'identity.damaged'
  | 'identity.unreadable'
  | 'identity.unwritable'
  | 'identity.unknown'
  | 'identity.several';

export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
