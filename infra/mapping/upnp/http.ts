/** One request to a gateway by HTTP. Redirections are not followed, and nothing that it does takes long or much. */
import { request } from 'node:http';
import type { HttpAnswer, HttpRequest } from './soap.ts';

/** Of the whole exchange: small routers think for a second or two. */
const TIMEOUT_MS = 4000;
/** Descriptions have some 4 to 20 kB. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 8 * 1024;

/** @returns null where no whole answer comes within the time */
export function askHttp({ url, headers, body }: HttpRequest, timeoutMs = TIMEOUT_MS): Promise<HttpAnswer | null> {
  return new Promise((resolve) => {
    const asking = request(url, {
      method: body === null ? 'GET' : 'POST',
      // Small routers read a request only if it says how long it is.
      headers: body === null ? headers : { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      signal: AbortSignal.timeout(timeoutMs),
    });
    asking.once('socket', (socket) => socket.unref());
    asking.on('error', () => resolve(null));
    // Torn off, or no answer of HTTP at all: `end` has come before it otherwise.
    asking.once('close', () => resolve(null));
    asking.once('response', (answer) => {
      const pieces: Buffer[] = [];
      let length = 0;
      answer.on('data', (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length > MAX_BODY_BYTES) asking.destroy();
      });
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces).toString() }));
      answer.on('error', () => resolve(null));
    });
    asking.end(body ?? undefined);
  });
}
