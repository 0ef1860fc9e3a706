/** What goes wrong with the gateway of a phone, in words for whoever started it. */

import { CodedError } from '../../infra/coded-error.ts';

/** Stable: programs switch on them. */
type PhoneErrorCode =
  /** The address for SIP cannot be taken; the cause is attached. */
  | 'phone.address'
  /** The phone that is to be called has no address. */
  | 'phone.unknown'
  /** The registrar does not answer, or does not take us. */
  | 'phone.register';

export class PhoneError extends CodedError<PhoneErrorCode> {
  override readonly name = 'PhoneError';
}
