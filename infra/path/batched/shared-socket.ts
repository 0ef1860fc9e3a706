/** The path's socket, for system calls of our own on it. */
import type { Endpoint } from '../contract.ts';
import { PathError } from '../errors.ts';
import { findDescriptor } from '../kernel-socket.ts';
import { type Libc, loadLibc } from './libc.ts';

/** @throws {PathError} `batched.unavailable` */
export function loadLibcHere(): Libc {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new PathError('batched.unavailable', 'The batched packet path needs Linux on x64 or arm64. Use dgram here.');
  }
  try {
    return loadLibc();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PathError('batched.unavailable', `System calls cannot be reached: ${reason}. Use dgram here.`, { cause });
  }
}

/**
 * Another descriptor of the socket that is bound to `bound`, for the caller to close.
 *
 * @throws {PathError} `batched.unavailable`
 */
export function duplicateSocket(libc: Libc, bound: Endpoint): number {
  const descriptor = findDescriptor(bound);
  const duplicate = descriptor === undefined ? -1 : libc.dup(descriptor);
  if (duplicate < 0) {
    throw new PathError('batched.unavailable', 'The socket is not to be found in /proc. Use --packet-path dgram.');
  }
  return duplicate;
}
