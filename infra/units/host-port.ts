/** Hosts and ports as people write them. */

const MAX_PORT = 0xffff;
const HOST_PORT = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:\s]+)):(?<port>\d+)$/;

/** A text that is no address. The message says what is accepted. */
class HostPortError extends Error {
  override readonly name = 'HostPortError';
  readonly code = 'address.invalid';
}

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT`. The host is not looked at: it may be a name.
 *
 * @throws {HostPortError} `address.invalid`
 */
export function parseHostPort(text: string): { readonly host: string; readonly port: number } {
  const groups = HOST_PORT.exec(text)?.groups;
  const host = groups?.ipv6 ?? groups?.host;
  if (groups?.port === undefined || host === undefined) {
    throw new HostPortError(`"${text}" is not an address. Write HOST:PORT, for IPv6 [HOST]:PORT.`);
  }
  return { host, port: parsePort(groups.port) };
}

/**
 * Reads a UDP port, 0 included.
 *
 * @throws {HostPortError} `address.invalid`
 */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= MAX_PORT) return port;
  throw new HostPortError(`"${text}" is not a UDP port. Give a number from 0 to ${MAX_PORT}.`);
}
