import { CodedError } from '../coded-error.ts';

/** Why a packet path could not do as it was told. Stable: callers and tests may rely on these. */
export type PathErrorCode =
  /** Another program has the port. */
  | 'port.in-use'
  /** The port is reserved for the system's administrator. */
  | 'port.forbidden'
  /** This machine has no such address. */
  | 'address.unavailable'
  /** Not a numeric IPv4 or IPv6 address with a port. */
  | 'address.invalid'
  /** A table that contradicts itself. */
  | 'table.invalid'
  /** The socket could not be opened for another reason; the cause is attached. */
  | 'socket.failed'
  /** The batched path does not run on this machine. */
  | 'batched.unavailable'
  /** The batched path's thread ended by itself. */
  | 'batched.stopped';

/** A failure of a packet path, with a stable `code` and a message that says what to do. */
export class PathError extends CodedError<PathErrorCode> {
  override readonly name = 'PathError';
}

/** The {@link PathError} for a bind that failed with the system error `systemCode` (`EADDRINUSE`, …). */
export function bindError(systemCode: string, listen: { host: string; port: number }, cause?: unknown): PathError {
  const options = cause === undefined ? undefined : { cause };
  const { host, port } = listen;
  switch (systemCode) {
    case 'EADDRINUSE':
      return new PathError(
        'port.in-use',
        `UDP port ${port} on ${host} is taken. Choose another port, or 0 for any free one.`,
        options,
      );
    case 'EACCES':
    case 'EPERM':
      return new PathError(
        'port.forbidden',
        `UDP port ${port} needs administrator rights. Choose one above 1023.`,
        options,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return new PathError(
        'address.unavailable',
        `This machine has no address ${host} to listen on. Take one of its own, or 0.0.0.0 for all.`,
        options,
      );
    default:
      return new PathError('socket.failed', `Cannot listen on UDP ${host} port ${port}: ${systemCode}.`, options);
  }
}
