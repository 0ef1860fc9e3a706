/**
 * Makes the pages' files: of each one script and one style sheet with all that they import, and for a call a small script that runs
 * before them. In a checkout they are made when a page is opened, in some 50 ms; an installed package has them made.
 */
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where each page begins: that of a call, and that of a room that is watched. */
export const PAGES = { page: 'actors/page/app/main.tsx', room: 'actors/page/app/room/main.tsx' };
/** What the page of a call begins with, of which its script takes up the result. */
const EARLY = { path: '/early.js', source: 'actors/page/app/link/early-socket.ts' };
/** Browsers of 2024: `light-dark()` and what else the style sheet uses are in all of them. */
const BROWSERS = ['chrome123', 'firefox120', 'safari17.5'];

/** @typedef {import('../web/page-files.ts').PageAsset} PageFile */

/** Two scripts that import the same file under the same address share it: browsers load and run it once. */
const earlyApart = {
  name: 'early',
  /** @param {import('esbuild').PluginBuild} build */
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/early-socket\.ts$/, namespace: 'file' }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: EARLY.path, external: true },
    ),
};

/**
 * @param {keyof typeof PAGES} page
 * @returns {Promise<{ readonly files: ReadonlyMap<string, PageFile>, readonly inputs: readonly string[] }>} files by the
 *   path that they are served under, and the sources they were made from
 * @throws {Error} when a source cannot be compiled, or esbuild is not there
 */
export async function buildPage(page = 'page') {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { [page]: PAGES[page], ...(page === 'page' ? { early: EARLY.source } : {}) },
    plugins: [earlyApart],
    outdir: '/',
    bundle: true,
    minify: true,
    format: 'esm',
    target: BROWSERS,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    preserveSymlinks: true,
    charset: 'utf8',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  /** @type {Map<string, PageFile>} */
  const files = new Map(outputFiles.map(({ path, contents }) => [path, { ...kindOf(path), body: contents }]));
  files.set('/icon.svg', { ...kindOf('/icon.svg'), body: Buffer.from(ICON) });
  return { files, inputs: Object.keys(metafile.inputs).filter((path) => !path.startsWith('node_modules/')) };
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
