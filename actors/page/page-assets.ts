/** The files of a page: made with the commands' bundle, or here and now where the sources run as they are. */
import { readFile } from 'node:fs/promises';
import type { PageAsset } from '../../infra/web/page-files.ts';

/** `room`: of a room that is watched; `page`: of a call. */
export type PageName = 'room' | 'page';

/** Beside the bundle. */
const FOLDER = new URL('./page/', import.meta.url);

/** What each page is made of. */
const FILES: Readonly<Record<PageName, readonly string[]>> = {
  room: ['/room.js', '/room.css', '/icon.svg'],
  page: ['/early.js', '/page.js', '/page.css', '/icon.svg'],
};

/** Each by the path that it is served under. */
export async function pageAssets(page: PageName): Promise<ReadonlyMap<string, PageAsset>> {
  const { buildPage, kindOf } = await import('../../infra/setup/page-bundle.mjs');
  try {
    const read = FILES[page].map(
      async (path) => [path, { ...kindOf(path), body: await readFile(new URL(`.${path}`, FOLDER)) }] as const,
    );
    return new Map(await Promise.all(read));
  } catch {
    return (await buildPage(page)).files;
  }
}
