/** Makes plain JavaScript of tests and of all that they import. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';
import { REQUIRE } from '../../infra/setup/bundle.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Of each run a folder, named for its process: two runs may see two states of the sources. */
const RUNS = '.rpr/tests';

/** Packages that are loaded as they are: AVA's own process has `ava`, and the others bring machine code or look for files beside them. */
const AS_THEY_ARE = [
  'ava',
  'koffi',
  'nats',
  'werift',
  'esbuild',
  'highs',
  'elkjs',
  'playwright-core',
  'tsx',
  '@typescript/typescript6',
];

/**
 * A module that asks where it lies is told where its source does: there are the files that it reads, and the programs that it starts.
 * @type {import('esbuild').Plugin}
 */
const whereSourcesLie = {
  name: 'where sources lie',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.(?:ts|mjs|js)$/, namespace: 'file' }, ({ path }) => {
      if (path.includes('node_modules')) return;
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.url')) return;
      // On the first line, so that all lines keep their numbers.
      return {
        contents: `const sourceUrl = ${JSON.stringify(pathToFileURL(path).href)};${text}`,
        loader: path.endsWith('.ts') ? 'ts' : 'js',
      };
    }),
};

/**
 * @param {readonly string[]} patterns test files, below the project's root
 * @returns {Promise<string>} the folder that has them, as `.js` files under their paths; it is gone when this process ends
 * @throws {Error} when a source cannot be compiled
 */
export async function compileTests(patterns) {
  dropAbandoned();
  const folder = `${RUNS}/${process.pid}`;
  process.once('exit', () => rmSync(join(ROOT, folder), { recursive: true, force: true }));
  await build({
    absWorkingDir: ROOT,
    entryPoints: patterns.map((pattern) => `./${pattern}`),
    outbase: '.',
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: AS_THEY_ARE,
    define: { 'import.meta.url': 'sourceUrl' },
    banner: { js: REQUIRE },
    plugins: [whereSourcesLie],
    // As tsx does it: failures and logs tell names of functions and classes.
    keepNames: true,
    preserveSymlinks: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'error',
  });
  await stop();
  return folder;
}

/** Removes what runs left that were killed. */
function dropAbandoned() {
  mkdirSync(join(ROOT, RUNS), { recursive: true });
  for (const name of readdirSync(join(ROOT, RUNS))) {
    try {
      process.kill(Number(name), 0);
    } catch {
      rmSync(join(ROOT, RUNS, name), { recursive: true, force: true });
    }
  }
}
