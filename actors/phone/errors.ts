/** What goes wrong with the gateway of a phone, in words for whoever started it. */

/** Stable: programs switch on them. */
type PhoneErrorCode =
  /** The address for SIP cannot be taken; the cause is attached. */
  | 'phone.address'
  /** The phone that is to be called has no address. */
  | 'phone.unknown'
  /** The registrar does not answer, or does not take us. */
  | 'phone.register';

export class PhoneError extends Error {
  override readonly name = 'PhoneError';
  readonly code: PhoneErrorCode;

  constructor(code: PhoneErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
