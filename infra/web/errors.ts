import { CodedError } from '../coded-error.ts';

/** Why a page cannot be served. Stable: callers and tests may rely on these. */
export type PageServerErrorCode =
  /** Neither the port that was asked for nor one of those above it is free. */
  | 'page.port'
  /** The port is reserved for the system's administrator. */
  | 'page.forbidden'
  /** The socket could not be opened for another reason; the cause is attached. */
  | 'page.socket';

/** A failure to serve a page, with a stable `code` and a message that says what to do. */
export class PageServerError extends CodedError<PageServerErrorCode> {
  override readonly name = 'PageServerError';
}
