/** The files of a page: made with the commands' bundle, or here and now where the sources run as they are. */
import { readFile } from 'node:fs/promises';
import type { PageAsset } from '../../infra/web/page-files.ts';

/** `room`: of a room that is watched; `page`: of a call. */
export type PageName = 'room' | 'page';

/** Beside the bundle. */
const FOLDER = new URL('./page/', import.meta.url);

/** Each by the path that it is served under. */
export async function pageAssets(page: PageName): Promise<ReadonlyMap<string, PageAsset>> {
  const files = [
    [`${page}.js`, 'text/javascript'],
    [`${page}.css`, 'text/css'],
    ['icon.svg', 'image/svg+xml'],
  ] as const;
  try {
    const read = files.map(
      async ([name, type]) => [`/${name}`, { type, body: await readFile(new URL(name, FOLDER)) }] as const,
    );
    return new Map(await Promise.all(read));
  } catch {
    const { buildPage } = await import('../../infra/setup/page-bundle.mjs');
    return (await buildPage(page)).files;
  }
}
