import { CodedError } from '../coded-error.ts';

/** Why an offer got no answer, or a link could not be opened. Stable: callers and tests may rely on these. */
export type WebRtcErrorCode =
  /** No session description, or one that contradicts itself or the offers before it. */
  | 'offer.invalid'
  /** A description that is in order, but asks for what the gateway does not do. */
  | 'offer.unsupported'
  /** The link is closed, or could not be opened; the cause is attached. */
  | 'link.closed'
  | 'link.failed';

/** A failure of the call page's gateway, with a stable `code` and a message that says what is wrong. */
export class WebRtcError extends CodedError<WebRtcErrorCode> {
  override readonly name = 'WebRtcError';
}
