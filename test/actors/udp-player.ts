/** Players and other receivers of plain RTP, as a test sees them. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A UDP socket on a given port of loopback, with everything that came to it. */
export class UdpPlayer implements AsyncDisposable {
  readonly received: Buffer[] = [];
  readonly port: number;
  readonly #socket: Socket;
  #newestFrom: RemoteInfo | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
    socket.on('message', (packet, from) => {
      this.received.push(packet);
      this.#newestFrom = from;
    });
  }

  /** @param port 0: any free one */
  static async open(port = 0, host = '127.0.0.1'): Promise<UdpPlayer> {
    const socket = createSocket('udp4');
    socket.bind(port, host);
    await once(socket, 'listening');
    return new UdpPlayer(socket);
  }

  /** The port that the newest datagram came from; 0: none has. */
  get from(): number {
    return this.#newestFrom?.port ?? 0;
  }

  /** Resolves once `count` datagrams have come; the test's own timeout ends the wait. */
  async took(count: number): Promise<readonly Buffer[]> {
    while (this.received.length < count) await once(this.#socket, 'message');
    return this.received;
  }

  /** Sends a datagram to where the newest one came from. */
  answer(datagram: Uint8Array): void {
    if (this.#newestFrom === undefined) throw new Error('Nothing has come to answer to.');
    this.#socket.send(datagram, this.#newestFrom.port, this.#newestFrom.address);
  }

  sendTo(port: number, datagram: Uint8Array): void {
    this.#socket.send(datagram, port, '127.0.0.1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}
