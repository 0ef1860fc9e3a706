/** What a browser is given of a page: its files from memory, and the rules under which it runs them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRefusal } from './admission.ts';

/** A file of a page. */
export interface PageAsset {
  /** As in `Content-Type`, without a charset: text is UTF-8. */
  readonly type: string;
  readonly body: Uint8Array | string;
}

/** Where the page itself is. */
export const PAGE_PATH = '/';

/**
 * The page that loads all scripts and style sheets among its files. Nothing else is in it: the script fills the body.
 *
 * @param title for the window; plain text
 */
export function pageOf(title: string, assets: ReadonlyMap<string, PageAsset>): PageAsset {
  const paths = (type: string) => [...assets].flatMap(([path, asset]) => (asset.type === type ? [escaped(path)] : []));
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    ...paths('image/svg+xml').map((path) => `<link rel="icon" href="${path}">`),
    ...paths('text/css').map((path) => `<link rel="stylesheet" href="${path}">`),
    ...paths('text/javascript').map((path) => `<script type="module" src="${path}"></script>`),
    '<body></body>',
    '</html>',
  ];
  return { type: 'text/html', body: `${lines.join('\n')}\n` };
}

/** Answers a request for a file. */
export function serve(
  { url = PAGE_PATH, method }: IncomingMessage,
  response: ServerResponse,
  { assets, host }: { readonly assets: ReadonlyMap<string, PageAsset>; readonly host: string },
): void {
  const asset = assets.get(url.split('?', 1)[0] ?? PAGE_PATH);
  if (asset === undefined) {
    refuse(response, { status: 404, text: 'There is no such file.' });
    return;
  }
  const body = Buffer.from(asset.body);
  const type = /^text\/|[/+](json|xml)$/.test(asset.type) ? `${asset.type}; charset=utf-8` : asset.type;
  response.writeHead(200, { ...headersFor(host), 'Content-Type': type, 'Content-Length': body.length });
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
    'Cache-Control': 'no-store',
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
