/** The files of the page that shows a room: made with the commands' bundle, or here and now where the sources run as they are. */
import { readFile } from 'node:fs/promises';
import type { PageAsset } from '../../infra/web/page-files.ts';

const SCRIPT = new URL('./page/room.js', import.meta.url);
const STYLE = new URL('./page/room.css', import.meta.url);

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#2f6fed"/>' +
  '<g fill="none" stroke="#fff" stroke-width="2.5"><path d="M9 21 16 10l7 11z"/></g>' +
  '<g fill="#fff"><circle cx="16" cy="10" r="3.5"/><circle cx="9" cy="21" r="3.5"/><circle cx="23" cy="21" r="3.5"/></g></svg>';

export async function roomPageAssets(): Promise<ReadonlyMap<string, PageAsset>> {
  const { script, style } = await made();
  return new Map([
    ['/room.js', { type: 'text/javascript', body: script }],
    ['/room.css', { type: 'text/css', body: style }],
    ['/icon.svg', { type: 'image/svg+xml', body: ICON }],
  ]);
}

async function made(): Promise<{ readonly script: Uint8Array | string; readonly style: Uint8Array | string }> {
  try {
    return { script: await readFile(SCRIPT), style: await readFile(STYLE) };
  } catch {
    const { bundlePage } = await import('../../infra/setup/page-bundle.mjs');
    return bundlePage('room');
  }
}
