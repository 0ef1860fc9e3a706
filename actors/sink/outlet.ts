/** A UDP socket that plays one stream out to one address. */
import { createSocket, type Socket } from 'node:dgram';
import type { Endpoint } from '../../infra/path/contract.ts';

export class Outlet {
  /** Where RTP goes; RTCP goes to the next port (RFC 3550 section 11). */
  readonly to: Endpoint;
  readonly #socket: Socket;
  #failedSends = 0;

  private constructor(socket: Socket, to: Endpoint) {
    this.#socket = socket;
    this.to = to;
    // Also where nobody listens: players come and go.
    socket.on('error', () => {
      this.#failedSends++;
    });
  }

  /**
   * Opens a socket on `from` that sends to `to`. Both hosts are literals of one family; port 0 of `from` is any free one.
   *
   * @throws {NodeJS.ErrnoException} as the system says, e.g. `EADDRINUSE`
   */
  static async open(from: Endpoint, to: Endpoint): Promise<Outlet> {
    return new Outlet(await bindUdp(from), to);
  }

  get failedSends(): number {
    return this.#failedSends;
  }

  send(packet: Uint8Array): void {
    this.#socket.send(Buffer.from(packet), this.to.port, this.to.host);
  }

  sendReport(rtcp: Uint8Array): void {
    this.#socket.send(Buffer.from(rtcp), this.to.port + 1, this.to.host);
  }

  /** The same, and resolves once it is sent: a socket that is closed at once would drop it. */
  sendLastReport(rtcp: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.send(Buffer.from(rtcp), this.to.port + 1, this.to.host, (error) => {
        if (error !== null) this.#failedSends++;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** Whether nobody on this machine has the port: only then can a player take it. */
export async function isFree(host: string, port: number): Promise<boolean> {
  try {
    const socket = await bindUdp({ host, port });
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    return true;
  } catch {
    return false;
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

function bindUdp({ host, port }: Endpoint): Promise<Socket> {
  const family = host.includes(':') ? 6 : 4;
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
