/** The files of the page: made when a checkout starts, and read where they came with the bundle. */
import { readFileSync } from 'node:fs';
import type { PageAsset } from '../../infra/web/page-files.ts';

/** By path, with their types. */
const TYPES = { '/page.js': 'text/javascript', '/page.css': 'text/css', '/icon.svg': 'image/svg+xml' } as const;

export async function pageFiles(): Promise<ReadonlyMap<string, PageAsset>> {
  if (import.meta.url.endsWith('.ts')) {
    const { buildPage } = await import('../../infra/setup/page-bundle.mjs');
    return (await buildPage()).files;
  }
  return new Map(
    Object.entries(TYPES).map(([path, type]) => [
      path,
      { type, body: readFileSync(new URL(`./page${path}`, import.meta.url)) },
    ]),
  );
}
