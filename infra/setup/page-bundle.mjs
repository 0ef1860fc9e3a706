/** Makes the pages' scripts and style sheets from their sources: one of each, with all that they import. */
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where each page begins. */
export const PAGES = { room: 'actors/page/app/room/main.tsx' };

/** @typedef {{script: string, style: string, inputs: readonly string[]}} PageFiles */

/**
 * @param {keyof typeof PAGES} page
 * @returns {Promise<PageFiles>} `inputs`: the files that it was made from, below the project's root
 * @throws {Error} when a source cannot be compiled, or esbuild is not there
 */
export async function bundlePage(page) {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [PAGES[page]],
    outdir: ROOT,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    // With oklch() and light-dark(), which the style sheets use.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const textOf = (/** @type {string} */ ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { script: textOf('.js'), style: textOf('.css'), inputs: Object.keys(metafile.inputs) };
}
