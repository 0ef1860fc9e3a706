/** Two UDP sockets that play one stream out to one address, and hear what the player has to say. */
import type { Socket } from 'node:dgram';
import { bindUdp } from '../../infra/network/bind-udp.ts';
import type { Endpoint } from '../../infra/path/contract.ts';

/** A datagram that came back, and from which host. It is the listener's: nobody else changes it. */
type Listener = (datagram: Uint8Array, host: string) => void;

/** How often a pair of ports is looked for: the system gives one, and its neighbour is nearly always free. */
const PAIR_ATTEMPTS = 16;

export class Outlet {
  /** Where RTP goes; RTCP goes to the next port (RFC 3550 section 11). */
  readonly to: Endpoint;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  #listener: Listener = () => undefined;
  #failedSends = 0;

  private constructor(rtp: Socket, rtcp: Socket, to: Endpoint) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.to = to;
    for (const socket of [rtp, rtcp]) {
      // Also where nobody listens: players come and go.
      socket.on('error', () => {
        this.#failedSends++;
      });
      // Players answer to where RTCP comes from, to the port above that of RTP, or to RTP's own (RFC 5761).
      socket.on('message', (datagram, { address }) => this.#listener(datagram, address));
    }
  }

  /**
   * Opens a socket for RTP on `from` and one for RTCP on the port above, which send to `to` and the port above. Both hosts are
   * literals of one family; port 0 of `from` is any free pair.
   *
   * @throws {NodeJS.ErrnoException} as the system says, e.g. `EADDRINUSE`
   */
  static async open(from: Endpoint, to: Endpoint): Promise<Outlet> {
    const [rtp, rtcp] = from.port === 0 ? await bindAnyPair(from.host) : await bindPair(from);
    return new Outlet(rtp, rtcp, to);
  }

  /** The port that RTP comes from; RTCP comes from the next one. */
  get fromPort(): number {
    return this.#rtp.address().port;
  }

  get failedSends(): number {
    return this.#failedSends;
  }

  /** Whoever listens hears all that comes back from now on, and whoever did before does not. */
  listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** The bytes must not change any more. */
  send(packet: Uint8Array): void {
    this.#rtp.send(packet, this.to.port, this.to.host);
  }

  /** The bytes must not change any more. */
  sendReport(rtcp: Uint8Array): void {
    this.#rtcp.send(rtcp, this.to.port + 1, this.to.host);
  }

  /** The same, and resolves once it is sent: a socket that is closed at once would drop it. */
  sendLastReport(rtcp: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#rtcp.send(rtcp, this.to.port + 1, this.to.host, (error) => {
        if (error !== null) this.#failedSends++;
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all([closed(this.#rtp), closed(this.#rtcp)]);
  }
}

/** Whether nobody on this machine has the port: only then can a player take it. */
export async function isFree(host: string, port: number): Promise<boolean> {
  try {
    await closed(await bindUdp({ host, port }));
    return true;
  } catch {
    return false;
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

/** An even port and the next one (RFC 3550 section 11): any free pair. */
export async function bindAnyPair(host: string): Promise<[Socket, Socket]> {
  for (let attempt = 1; ; attempt++) {
    const one = await bindUdp({ host, port: 0 });
    const { port } = one.address();
    try {
      const other = await bindUdp({ host, port: port ^ 1 });
      return port % 2 === 0 ? [one, other] : [other, one];
    } catch (error) {
      await closed(one);
      if (attempt === PAIR_ATTEMPTS) throw error;
    }
  }
}

async function bindPair({ host, port }: Endpoint): Promise<[Socket, Socket]> {
  const rtp = await bindUdp({ host, port });
  try {
    return [rtp, await bindUdp({ host, port: port + 1 })];
  } catch (error) {
    await closed(rtp);
    throw error;
  }
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
