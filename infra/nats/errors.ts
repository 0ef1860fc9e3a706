/** What can go wrong with NATS. */

import { CodedError } from '../coded-error.ts';

/** Why something about NATS failed. Stable: scripts and tests may rely on these. */
export type NatsErrorCode =
  /** Nobody answers at the address, or what answers is not a NATS server. */
  | 'nats.unreachable'
  /** The server refused our credentials. */
  | 'nats.authorization'
  /** The server's permissions forbid this subject. */
  | 'nats.forbidden'
  /** A message is larger than the server takes. */
  | 'nats.tooLarge'
  /** The address is not a NATS URL. */
  | 'nats.badUrl'
  /** A file with credentials or certificates cannot be read, or holds none. */
  | 'nats.badFile'
  /** The server's certificate is not one that we trust, or it has none. */
  | 'nats.certificate'
  /** A server that we started did not come up. */
  | 'nats.serverFailed';

/** A failure of the message bus, with a stable `code` and a message that says what to do. */
export class NatsError extends CodedError<NatsErrorCode> {
  override readonly name = 'NatsError';
}
