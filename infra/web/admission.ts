/**
 * Who may speak to a page's server. All programs and all pages of this machine can reach its port, and so can a page from elsewhere
 * whose name now leads to 127.0.0.1 (DNS rebinding): only who knows the token of this start and comes from our own page gets in.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const TOKEN_BYTES = 16;

/** A refusal as HTTP says it. */
export interface HttpRefusal {
  readonly status: 403 | 404 | 405 | 421;
  readonly text: string;
}

/** 128 random bits, in letters that may stand in a URL and in `Sec-WebSocket-Protocol`. */
export function freshToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

export class Admission {
  readonly #host: string;
  readonly #origin: string;
  readonly #token: Uint8Array;

  /** @param host that the server is reached at, `127.0.0.1:4880` */
  constructor(host: string, token: string) {
    this.#host = host;
    this.#origin = `http://${host}`;
    this.#token = Buffer.from(token);
  }

  /** Why a request for one of the page's files is refused; undefined: it is not. */
  refusesRequest({ headers, method }: IncomingMessage): HttpRefusal | undefined {
    if (headers.host !== this.#host) return { status: 421, text: `This page is at ${this.#origin}/ only.` };
    if (!isOwnSite(headers['sec-fetch-site'])) {
      return { status: 403, text: 'Another page leads here. Open the address that the program has printed.' };
    }
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'This page can only be read.' };
    return undefined;
  }

  /** The same for a WebSocket, which only our own page opens, with the token as its one protocol. */
  refusesSocket(request: IncomingMessage): HttpRefusal | undefined {
    const { origin, 'sec-websocket-protocol': protocol } = request.headers;
    const refusal = this.refusesRequest(request);
    if (refusal !== undefined) return refusal;
    if (origin !== this.#origin) return { status: 403, text: 'Only our own page may open this.' };
    if (!this.#isToken(protocol ?? '')) return { status: 403, text: 'This is not the address that was printed.' };
    return undefined;
  }

  /** Takes as long for each token of our length. */
  #isToken(text: string): boolean {
    const told = Buffer.from(text);
    return told.length === this.#token.length && timingSafeEqual(told, this.#token);
  }
}

/** Whether our own page asks, or a person who has typed the address; browsers say so, programs say nothing. Ports share a site. */
function isOwnSite(site: string | string[] | undefined): boolean {
  return site === undefined || site === 'same-origin' || site === 'none';
}
