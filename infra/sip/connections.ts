/** TCP connections that carry SIP (RFC 3261 section 18): each is used both ways, whoever has opened it. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Flow } from './flow.ts';
import { StreamFraming } from './framing.ts';

/** Phones of one gateway, and strangers that knock. */
const MOST_CONNECTIONS = 128;
/** Who says nothing for so long has gone, in ms. */
const IDLE_MS = 600_000;
/** How long opening one may take, in ms. */
const CONNECT_MS = 5000;

export interface ConnectionHooks {
  readonly onMessage: (bytes: Uint8Array, flow: Flow) => void;
  /** It could not be opened, or has broken. */
  readonly onFailed: (flow: Flow) => void;
}

export class Connections {
  readonly #hooks: ConnectionHooks;
  readonly #server: Server;
  readonly #sockets = new Map<string, Socket>();

  private constructor(server: Server, hooks: ConnectionHooks) {
    this.#server = server;
    this.#hooks = hooks;
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (socket) =>
      this.#follow(socket, flowOf(socket.remoteAddress ?? '', socket.remotePort ?? 0)),
    );
  }

  /** @throws {NodeJS.ErrnoException} as the system says */
  static listen(host: string, port: number, hooks: ConnectionHooks): Promise<Connections> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, () => {
        server.removeAllListeners('error');
        resolve(new Connections(server, hooks));
      });
    });
  }

  send(flow: Flow, bytes: Uint8Array): void {
    const key = keyOf(flow);
    const known = this.#sockets.get(key);
    if (known !== undefined) known.write(bytes);
    else if (this.#sockets.size >= MOST_CONNECTIONS) queueMicrotask(() => this.#hooks.onFailed(flow));
    else {
      const socket = connect({ host: flow.host, port: flow.port });
      socket.setTimeout(CONNECT_MS);
      socket.once('connect', () => socket.setTimeout(IDLE_MS));
      this.#follow(socket, flow);
      socket.write(bytes);
    }
  }

  close(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #follow(socket: Socket, flow: Flow): void {
    const key = keyOf(flow);
    const framing = new StreamFraming();
    this.#sockets.set(key, socket);
    if (!socket.connecting) socket.setTimeout(IDLE_MS);
    socket.setNoDelay(true);
    socket.on('timeout', () => socket.destroy());
    // What went wrong is of no interest: it closes, too.
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const messages = framing.take(bytes);
      if (messages === null) socket.destroy();
      else for (const message of messages) this.#hooks.onMessage(message, flow);
    });
    socket.on('close', () => {
      if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
      this.#hooks.onFailed(flow);
    });
  }
}

function flowOf(host: string, port: number): Flow {
  return { transport: 'tcp', host: host.replace(/^::ffff:(?=\d+\.)/, ''), port };
}

function keyOf({ host, port }: Flow): string {
  return `${host} ${port}`;
}
