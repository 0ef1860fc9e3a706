/** A UDP socket of a program's own, at an address that is told to others as it is. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/**
 * @param at a literal and a port that nobody else has; port 0: any
 * @throws {NodeJS.ErrnoException} as the system says, e.g. `EADDRINUSE`
 */
export function bindUdp({ host, port }: { readonly host: string; readonly port: number }): Promise<Socket> {
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    // Addresses are literals: without this, each send would go through the name resolver.
    lookup: (literal, _options, found) => found(null, literal, family),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
