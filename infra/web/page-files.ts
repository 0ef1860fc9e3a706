/** What a browser is given of a page: its files from memory, and the rules under which it runs them. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRefusal } from './admission.ts';

/** A file of a page. */
export interface PageAsset {
  /** As in `Content-Type`, without a charset: text is UTF-8. */
  readonly type: string;
  readonly body: Uint8Array | string;
  /** A script that runs as soon as it is there, whatever of the page is not. */
  readonly early?: boolean;
}

/** A file as it is served. */
export interface ServedFile {
  readonly type: string;
  readonly body: Buffer;
  /** Names this content (RFC 9110 section 8.8.3). */
  readonly tag: string;
}

/** Where the page itself is. */
const PAGE_PATH = '/';

/** @param title for the window; plain text. @returns the page and its files, by path */
export function servedFiles(title: string, assets: ReadonlyMap<string, PageAsset>): ReadonlyMap<string, ServedFile> {
  const all = new Map([[PAGE_PATH, pageOf(title, assets)], ...assets]);
  return new Map([...all].map(([path, asset]) => [path, served(asset)]));
}

function served({ type, body }: PageAsset): ServedFile {
  const bytes = Buffer.from(body);
  const isText = /^text\/|[/+](json|xml)$/.test(type);
  const tag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  return { type: isText ? `${type}; charset=utf-8` : type, body: bytes, tag };
}

/**
 * The page that loads all scripts and style sheets among its files. Nothing else is in it: the script fills the body.
 *
 * @param title for the window; plain text
 */
function pageOf(title: string, assets: ReadonlyMap<string, PageAsset>): PageAsset {
  const paths = (type: string, isEarly = false) =>
    [...assets].flatMap(([path, { type: its, early = false }]) =>
      its === type && early === isEarly ? [escaped(path)] : [],
    );
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    // `async`: it waits neither for the page to be read nor for style sheets.
    ...paths('text/javascript', true).map((path) => `<script type="module" async src="${path}"></script>`),
    ...paths('image/svg+xml').map((path) => `<link rel="icon" href="${path}">`),
    ...paths('text/css').map((path) => `<link rel="stylesheet" href="${path}">`),
    ...paths('text/javascript').map((path) => `<script type="module" src="${path}"></script>`),
    '<body></body>',
    '</html>',
  ];
  return { type: 'text/html', body: `${lines.join('\n')}\n` };
}

/** Answers a request for a file. A browser that has this very content already is told so, and reads no script anew. */
export function serve(
  { url = PAGE_PATH, method, headers }: IncomingMessage,
  response: ServerResponse,
  { files, host }: { readonly files: ReadonlyMap<string, ServedFile>; readonly host: string },
): void {
  const file = files.get(url.split('?', 1)[0] ?? PAGE_PATH);
  if (file === undefined) {
    refuse(response, { status: 404, text: 'There is no such file.' });
    return;
  }
  const { type, body, tag } = file;
  const common = { ...headersFor(host), ETag: tag };
  if (headers['if-none-match'] === tag) {
    response.writeHead(304, common).end();
    return;
  }
  response.writeHead(200, { ...common, 'Content-Type': type, 'Content-Length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
}

export function refuse(response: ServerResponse, { status, text }: HttpRefusal): void {
  const body = `${text}\n`;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  });
  response.end(body);
}

/** Scripts and styles from here alone, no string becomes markup or code, and no other page may hold or name this one. */
function headersFor(host: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    // Not all browsers count a WebSocket of the page's own origin to 'self'.
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Permissions-Policy':
      'camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), fullscreen=(self), ' +
      'picture-in-picture=(self), screen-wake-lock=(self), geolocation=(), usb=(), serial=(), hid=()',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // It is kept, and asked for each time whether it still is the same.
    'Cache-Control': 'no-cache',
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');
}
