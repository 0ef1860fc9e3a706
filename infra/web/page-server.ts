/**
 * Serves a page on 127.0.0.1 and speaks with its tabs by WebSocket. Whoever opens {@link PageServer.url} gets in, and nobody else:
 * the token is in the URL's fragment, which browsers never send; the page hands it over as its WebSocket's one protocol, by
 * `new WebSocket('ws://' + location.host + '/', token)`.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Admission, freshToken, type HttpRefusal } from './admission.ts';
import { listenFrom, PAGE_HOST } from './listen.ts';
import { type PageAsset, refuse, serve, servedFiles } from './page-files.ts';
import { CLOSED_FOR, MAX_MESSAGE_BYTES, type PageSocket, TabSocket } from './page-socket.ts';

/** Browsers keep permissions by origin, so the page is at the same port at each start. */
export const DEFAULT_PAGE_PORT = 4880;
/** A browser has six for a page. */
const MAX_CONNECTIONS = 64;
/** Tabs that speak with us at once. */
const MAX_TABS = 8;
/** How long a request may take to say what it wants, in ms: it comes from this machine. */
const REQUEST_MS = 5000;
/** How long tabs may take to answer a close, in ms. */
const CLOSING_MS = 500;

export interface PageServerOptions {
  /** Where to listen, or at the next free port above; 0: any free one. */
  readonly port: number;
  /** Gives the token for this port, such as that of the start before; left out: a fresh one. */
  readonly token?: (port: number) => string;
  /** Of the window. */
  readonly title: string;
  /**
   * By path, like `/page.js`. The page itself is made of them: it loads each `text/javascript` as a module, each `text/css`, and has
   * each `image/svg+xml` for an icon.
   */
  readonly assets: ReadonlyMap<string, PageAsset>;
  /** A tab has come. Register with it at once. */
  readonly onSocket: (socket: PageSocket) => void;
}

export class PageServer {
  /** For the browser, with the token. Whoever has it is the peer. */
  readonly url: string;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  #closing: Promise<void> | undefined;

  private constructor(http: Server, sockets: WebSocketServer, url: string) {
    this.#http = http;
    this.#sockets = sockets;
    this.url = url;
  }

  /** @throws {PageServerError} where no port can be had */
  static async open(options: PageServerOptions): Promise<PageServer> {
    const { port, title, assets, onSocket, token: tokenFor = freshToken } = options;
    const http = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS });
    http.maxConnections = MAX_CONNECTIONS;
    const bound = await listenFrom(http, port);
    const host = `${PAGE_HOST}:${bound}`;
    const token = tokenFor(bound);
    const admission = new Admission(host, token);
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
    const files = servedFiles(title, assets);
    http.on('request', (request, response) => {
      const refusal = admission.refusesRequest(request);
      if (refusal === undefined) serve(request, response, { files, host });
      else refuse(response, refusal);
    });
    http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      // A tab that goes away in the middle of this.
      stream.on('error', () => stream.destroy());
      const refusal = admission.refusesSocket(request) ?? (sockets.clients.size < MAX_TABS ? undefined : TOO_MANY);
      if (refusal !== undefined) refuseUpgrade(stream, refusal);
      else sockets.handleUpgrade(request, stream, head, (socket) => onSocket(new TabSocket(socket, now)));
    });
    return new PageServer(http, sockets, `http://${host}/#${token}`);
  }

  /** Lets go of all tabs and of the port. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const socket of this.#sockets.clients) socket.close(CLOSED_FOR.goingAway, 'the program has ended');
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
      this.#http.closeAllConnections();
    }, CLOSING_MS);
    this.#http.closeIdleConnections();
    await closed;
    clearTimeout(timer);
  }
}

const TOO_MANY: HttpRefusal = { status: 403, text: 'There are too many tabs of this page.' };

function now(): number {
  return performance.now();
}

function refuseUpgrade(stream: Duplex, { status, text }: HttpRefusal): void {
  const lines = [`HTTP/1.1 ${status} Refused`, 'Connection: close', 'Content-Type: text/plain; charset=utf-8'];
  stream.end(`${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
