/**
 * Makes the pages' files: of each one script and one style sheet with all that they import, and for a call a small script that runs
 * before them. In a checkout they are made when a page is opened, in some 50 ms; an installed package has them made.
 */
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where each page begins: that of a call, and that of a room that is watched. */
export const PAGES = { page: 'actors/page/app/main.tsx', room: 'actors/page/app/room/main.tsx' };
/** What the page of a call begins with, in the page itself; its script takes up the result. */
const EARLY = { path: '/early.js', source: 'actors/page/app/link/early-socket.ts' };
/** Browsers of 2024: `light-dark()` and what else the style sheet uses are in all of them. */
const BROWSERS = ['chrome123', 'firefox120', 'safari17.5'];

/** @typedef {import('../web/page-files.ts').PageAsset} PageFile */

/**
 * @param {keyof typeof PAGES} page
 * @returns {Promise<{ readonly files: ReadonlyMap<string, PageFile>, readonly inputs: readonly string[] }>} files by the
 *   path that they are served under, and the sources they were made from
 * @throws {Error} when a source cannot be compiled, or esbuild is not there
 */
export async function buildPage(page = 'page') {
  const built = await Promise.all([
    build({ [page]: PAGES[page] }, 'esm'),
    ...(page === 'page' ? [build({ early: EARLY.source }, 'iife')] : []),
  ]);
  /** @type {Map<string, PageFile>} */
  const files = new Map(
    built.flatMap(({ outputFiles }) =>
      outputFiles.map(({ path, contents }) => [path, { ...kindOf(path), body: contents }]),
    ),
  );
  files.set('/icon.svg', { ...kindOf('/icon.svg'), body: Buffer.from(ICON) });
  const inputs = new Set(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  return { files, inputs: [...inputs].filter((path) => !path.startsWith('node_modules/')) };
}

/**
 * @param {Record<string, string>} entryPoints sources by the name of what is made of them
 * @param {'esm' | 'iife'} format
 */
async function build(entryPoints, format) {
  const esbuild = await import('esbuild');
  return esbuild.build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir: '/',
    bundle: true,
    minify: true,
    format,
    target: BROWSERS,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    preserveSymlinks: true,
    charset: 'utf8',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
}

/**
 * What a file of a page is for.
 *
 * @param {string} path as it is served
 * @returns {Omit<PageFile, 'body'>}
 */
export function kindOf(path) {
  if (path.endsWith('.css')) return { type: 'text/css' };
  if (path.endsWith('.svg')) return { type: 'image/svg+xml' };
  return { type: 'text/javascript', ...(path === EARLY.path ? { early: true } : {}) };
}

/** Three peers, one of which carries what the other two send each other. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0a6f5e"/>' +
  '<g fill="none" stroke="#fff" stroke-width="2.2"><path d="M9.5 21 15 12M22.5 21 17 12"/></g>' +
  '<g fill="#fff"><circle cx="16" cy="9.5" r="3.5"/><circle cx="8.5" cy="22.5" r="3"/><circle cx="23.5" cy="22.5" r="3"/></g></svg>';
