/** Our own address on the way to another. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** RFC 863; any port would do. */
const DISCARD_PORT = 9;

/**
 * Connecting a UDP socket sends nothing; it only asks the routing table.
 *
 * @param host a numeric address
 * @throws what the system says where there is no way to it
 */
export async function ownAddressTowards(host: string): Promise<string> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(DISCARD_PORT, host, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}
