/** TCP connections that carry SIP (RFC 3261 section 18): each is used both ways, whoever has opened it. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Flow } from './flow.ts';
import { StreamFraming } from './framing.ts';
import { GIVE_UP_MS } from './timers.ts';

/** Phones of one gateway, and strangers that knock; and how many one host may have open. */
const MOST_CONNECTIONS = 128;
const MOST_OF_HOST = 16;
/** Who says nothing for so long has gone, in ms. */
const IDLE_MS = 600_000;
/** How long a message may take to come whole, and the first one of who has opened a connection to come at all: as long as an INVITE. In ms. */
const MESSAGE_MS = GIVE_UP_MS;
/** How long opening one may take, in ms. */
const CONNECT_MS = 5000;
/** What waits to be read at the other end, in bytes: who asks and does not read the answers is let go. */
const MOST_UNREAD_BYTES = 256 * 1024;

export interface ConnectionHooks {
  readonly onMessage: (bytes: Uint8Array, flow: Flow) => void;
  /** It could not be opened, or has broken. */
  readonly onFailed: (flow: Flow) => void;
  /** How long a message may take, in ms. Default: 32 s. */
  readonly messageMs?: number;
}

export class Connections {
  readonly #hooks: ConnectionHooks;
  readonly #server: Server;
  readonly #sockets = new Map<string, Socket>();

  private constructor(server: Server, hooks: ConnectionHooks) {
    this.#hooks = hooks;
    this.#server = server;
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (socket) => {
      const flow = flowOf(socket.remoteAddress ?? '', socket.remotePort ?? 0);
      if (this.#countOf(flow.host) >= MOST_OF_HOST) socket.destroy();
      else this.#follow(socket, flow, true);
    });
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

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  send(flow: Flow, bytes: Uint8Array): void {
    const known = this.#sockets.get(keyOf(flow));
    if (known !== undefined) write(known, bytes);
    else if (this.#sockets.size >= MOST_CONNECTIONS) queueMicrotask(() => this.#hooks.onFailed(flow));
    else {
      const socket = connect({ host: flow.host, port: flow.port });
      socket.setTimeout(CONNECT_MS);
      socket.once('connect', () => socket.setTimeout(IDLE_MS));
      this.#follow(socket, flow, false);
      socket.write(bytes);
    }
  }

  close(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #countOf(host: string): number {
    return [...this.#sockets.keys()].filter((key) => key.startsWith(`${host} `)).length;
  }

  /** @param isTheirs the other end has opened it: it has to say something soon */
  #follow(socket: Socket, flow: Flow, isTheirs: boolean): void {
    const key = keyOf(flow);
    const framing = new StreamFraming();
    this.#sockets.set(key, socket);
    const { messageMs = MESSAGE_MS } = this.#hooks;
    const late = (ms: number) => setTimeout(() => socket.destroy(), ms).unref();
    let deadline = isTheirs ? late(messageMs) : null;
    if (!socket.connecting) socket.setTimeout(IDLE_MS);
    socket.setNoDelay(true);
    socket.on('timeout', () => socket.destroy());
    // What went wrong is of no interest: it closes, too.
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const messages = framing.take(bytes);
      if (messages === null) {
        socket.destroy();
        return;
      }
      // Only a whole message buys time: bytes one by one do not.
      if (messages.length > 0 && deadline !== null) {
        clearTimeout(deadline);
        deadline = null;
      }
      if (framing.isPending) deadline ??= late(messageMs);
      for (const message of messages) this.#hooks.onMessage(message, flow);
    });
    socket.on('close', () => {
      if (deadline !== null) clearTimeout(deadline);
      if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
      this.#hooks.onFailed(flow);
    });
  }
}

function write(socket: Socket, bytes: Uint8Array): void {
  if (socket.writableLength + bytes.length > MOST_UNREAD_BYTES) socket.destroy();
  else socket.write(bytes);
}

function flowOf(host: string, port: number): Flow {
  return { transport: 'tcp', host: host.replace(/^::ffff:(?=\d+\.)/, ''), port };
}

function keyOf({ host, port }: Flow): string {
  return `${host} ${port}`;
}
