/** A UDP socket of the test's own process in a lab's namespace: a few packets need no program there. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Space } from './space.ts';
import { openUdpSocket } from './system-calls.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Heard {
  readonly bytes: Buffer;
  readonly text: string;
  /** Whom the packet says it is from, behind all that has been translated. */
  readonly from: Endpoint;
  /** When it came, by `performance.now`. */
  readonly atMs: number;
}

export class Probe implements AsyncDisposable {
  readonly port: number;
  readonly #socket: Socket;
  #closed = false;
  readonly #heard: Heard[] = [];
  readonly #waiting: ((heard: Heard) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
    socket.on('message', (message, { address, port }) => {
      const heard = {
        bytes: message,
        text: message.toString(),
        from: { host: address, port },
        atMs: performance.now(),
      };
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#heard.push(heard);
      else waiting(heard);
    });
  }

  /** Opens one on all addresses of a namespace. @param port 0 for any @throws {Error} if the port is taken */
  static async open(space: Space, family: 'ipv4' | 'ipv6' = 'ipv4', port = 0): Promise<Probe> {
    const fd = space.inside(() => openUdpSocket(family, port));
    const socket = createSocket(family === 'ipv6' ? 'udp6' : 'udp4');
    // Bound already, it listens at once or soon.
    const listens = once(socket, 'listening');
    socket.bind({ fd, exclusive: true });
    await listens;
    return space.keep(new Probe(socket));
  }

  /** Resolves when the kernel has taken it; rejects where there is no way there. */
  send(data: string | Uint8Array, to: Endpoint): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(data, to.port, to.host, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** The next packet that comes, or has come; each once. */
  next(): Promise<Heard> {
    const heard = this.#heard.shift();
    if (heard !== undefined) return Promise.resolve(heard);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What has come until this text comes, in order; the text itself is left out. */
  async until(text: string): Promise<readonly Heard[]> {
    const before: Heard[] = [];
    for (;;) {
      const heard = await this.next();
      if (heard.text === text) return before;
      before.push(heard);
    }
  }

  /** Harmless a second time: a test may close it before its lab does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}
