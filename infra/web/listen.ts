/** Where a page is served: on this machine alone, at a port that stays the same from start to start where that is possible. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PageServerError } from './errors.ts';

export const PAGE_HOST = '127.0.0.1';
/** Ports that are tried, from the one that was asked for on: more calls than that nobody has on one machine. */
const PORTS_TRIED = 20;

/**
 * Listens on a port, or on the first free one above it; 0: any free one.
 *
 * @returns the port
 * @throws {PageServerError}
 */
export async function listenFrom(server: Server, port: number): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + PORTS_TRIED - 1, 65_535);
  for (let tried = port; ; tried++) {
    try {
      return await listen(server, tried);
    } catch (error) {
      if (codeOf(error) === 'EADDRINUSE' && tried < last) continue;
      throw failure(error, port, last);
    }
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: PAGE_HOST, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function failure(cause: unknown, first: number, last: number): PageServerError {
  const code = codeOf(cause);
  const ports = `TCP ports ${first} to ${last} on ${PAGE_HOST}`;
  if (code === 'EADDRINUSE') {
    return new PageServerError('page.port', `${ports} are taken. Choose another port, or 0 for any free one.`, {
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const text = `TCP port ${first} needs administrator rights. Choose one above 1023.`;
    return new PageServerError('page.forbidden', text, { cause });
  }
  return new PageServerError('page.socket', `Cannot listen on ${PAGE_HOST} port ${first}: ${code}.`, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
