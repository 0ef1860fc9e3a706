/** What a browser is given of a page: its files from memory, and the rules under which it runs them. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRefusal } from './admission.ts';

/** A file of a page. */
export interface PageAsset {
  /** As in `Content-Type`, without a charset: text is UTF-8. */
  readonly type: string;
  readonly body: Uint8Array | string;
  /** A small script that stands in the page itself, and runs before anything else of it is read. It is no module. */
  readonly early?: boolean;
}

/** A file as it is served. */
export interface ServedFile {
  readonly type: string;
  readonly body: Buffer;
  /** SHA-256 of the body, in base64: names this content. */
  readonly hash: string;
  /** Scripts that stand in it, as the policy names them (Content Security Policy Level 3, section 2.3.1: hash-source). */
  readonly inlined: readonly string[];
}

/** Where the page itself is. */
const PAGE_PATH = '/';

/** @param title for the window; plain text. @returns the page and its files, by path */
export function servedFiles(title: string, assets: ReadonlyMap<string, PageAsset>): ReadonlyMap<string, ServedFile> {
  const early = [...assets.values()].filter((asset) => asset.early).map(({ body }) => Buffer.from(body).toString());
  const files = new Map([...assets].flatMap(([path, asset]) => (asset.early ? [] : [[path, served(asset)] as const])));
  const page = served({ type: 'text/html', body: pageOf(title, files, early) });
  return new Map([[PAGE_PATH, { ...page, inlined: early.map((script) => `'sha256-${sha256(script)}'`) }], ...files]);
}

function served({ type, body }: PageAsset): ServedFile {
  const bytes = Buffer.from(body);
  const isText = /^text\/|[/+](json|xml)$/.test(type);
  return { type: isText ? `${type}; charset=utf-8` : type, body: bytes, hash: sha256(bytes), inlined: [] };
}

function sha256(body: Uint8Array | string): string {
  return createHash('sha256').update(body).digest('base64');
}

/**
 * The page that loads all scripts and style sheets among its files. Nothing else is in it: the script fills the body. Each file is named
 * with its content, so that a browser that has it need not ask; and it takes no other content under that name, whoever has served at this
 * address before.
 *
 * @param title for the window; plain text
 * @param early scripts that stand in it
 */
function pageOf(title: string, files: ReadonlyMap<string, ServedFile>, early: readonly string[]): string {
  const tags = (type: string, tagOf: (url: string, integrity: string) => string) =>
    [...files]
      .filter(([, file]) => file.type.startsWith(type))
      .map(([path, { hash }]) => tagOf(escaped(versioned(path, hash)), `integrity="sha256-${hash}"`));
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    ...early.map((script) => `<script>${script}</script>`),
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    ...tags('image/svg+xml', (url) => `<link rel="icon" href="${url}">`),
    ...tags('text/css', (url, integrity) => `<link rel="stylesheet" href="${url}" ${integrity}>`),
    ...tags('text/javascript', (url, integrity) => `<script type="module" src="${url}" ${integrity}></script>`),
    '<body></body>',
    '</html>',
  ];
  return `${lines.join('\n')}\n`;
}

/** The name of a file with this content. */
function versioned(path: string, hash: string): string {
  return `${path}?v=${encodeURIComponent(hash)}`;
}

/** Answers a request for a file. A browser that has this very content already is told so. */
export function serve(
  { url = PAGE_PATH, method, headers }: IncomingMessage,
  response: ServerResponse,
  { files, host }: { readonly files: ReadonlyMap<string, ServedFile>; readonly host: string },
): void {
  const path = url.split('?', 1)[0] ?? PAGE_PATH;
  const file = files.get(path);
  if (file === undefined) {
    refuse(response, { status: 404, text: 'There is no such file.' });
    return;
  }
  const { type, body, hash, inlined } = file;
  // RFC 9110 section 8.8.3.
  const tag = `"${hash}"`;
  // Under a name that says what is in it nothing else will ever be; all else is asked for each time.
  const caching = url === versioned(path, hash) ? 'private, max-age=31536000, immutable' : 'no-cache';
  const common = { ...headersFor(host, inlined), ETag: tag, 'Cache-Control': caching };
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

/**
 * Scripts and styles from here alone, no string becomes markup or code, and no other page may hold or name this one.
 *
 * @param inlined scripts that stand in the page itself
 */
function headersFor(host: string, inlined: readonly string[]): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    ["script-src 'self'", ...inlined].join(' '),
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
