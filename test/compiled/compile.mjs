/** Makes plain JavaScript of tests and of all that they import. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';
import { bundle, isFresh, REQUIRE } from '../../infra/setup/bundle.mjs';
import { entriesOf, nameOf } from './together.mjs';

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

/** It starts a thread from a file beside it: from the sources by tsx, which takes a second more than from the bundle. */
const STARTS_FROM_BUNDLE = 'infra/path/batched/thread-handle.ts';
const BUNDLE = join(ROOT, 'dist/rpr.js');

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
      const place = path.endsWith(STARTS_FROM_BUNDLE) ? BUNDLE : path;
      // On the first line, so that all lines keep their numbers.
      return {
        contents: `const sourceUrl = ${JSON.stringify(pathToFileURL(place).href)};${text}`,
        loader: path.endsWith('.ts') ? 'ts' : 'js',
      };
    }),
};

/**
 * An entry of several test files is a module that imports one after the other, each with a `test` of its own.
 * @param {readonly import('./together.mjs').Entry[]} entries
 * @returns {import('esbuild').Plugin}
 */
function inOneProcess(entries) {
  const shared = new Map(
    entries.flatMap(({ files, inTurn }) =>
      files.length > 1 ? files.map((file) => /** @type {const} */ ([join(ROOT, file), inTurn])) : [],
    ),
  );
  return {
    name: 'in one process',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^together:/ }, ({ path }) => ({ path, namespace: 'together' }));
      onLoad({ filter: /./, namespace: 'together' }, ({ path }) => {
        const files = entries.find(({ name }) => path === `together:${name}`)?.files ?? [];
        return { contents: files.map((file) => `import './${file}';`).join(''), resolveDir: ROOT };
      });
      onResolve({ filter: /^ava$/, namespace: 'file' }, ({ importer }) =>
        shared.has(importer) ? { path: importer, namespace: 'titled' } : undefined,
      );
      onLoad({ filter: /./, namespace: 'titled' }, ({ path }) => ({
        contents: `import test from 'ava';
          import { titled } from './titled.mjs';
          export default titled(${shared.get(path) ? 'test.serial' : 'test'}, ${JSON.stringify(nameOf(path))});`,
        resolveDir: join(ROOT, 'test/compiled'),
      }));
    },
  };
}

/**
 * @param {readonly string[]} excluded folders whose tests are not for here, below the project's root
 * @returns {Promise<string>} the folder that has the tests, under their paths: for each process an empty `.ts` file, which AVA looks
 *   for, and beside it the `.js` file that it runs; it is gone when this process ends
 * @throws {Error} when a source cannot be compiled
 */
export async function compileTests(excluded) {
  dropAbandoned();
  // What is started from it is to be what the sources say.
  if (!isFresh()) await bundle();
  const folder = `${RUNS}/${process.pid}`;
  process.once('exit', () => rmSync(join(ROOT, folder), { recursive: true, force: true }));
  const entries = entriesOf(ROOT, excluded);
  await build({
    absWorkingDir: ROOT,
    entryPoints: entries.map(({ name, files: [file, ...others] }) => ({
      in: others.length === 0 ? `./${file}` : `together:${name}`,
      out: name,
    })),
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: AS_THEY_ARE,
    define: { 'import.meta.url': 'sourceUrl' },
    banner: { js: REQUIRE },
    plugins: [inOneProcess(entries), whereSourcesLie],
    // Names of functions and classes are left as esbuild leaves them: to keep each as it was costs a call for every closure that is made.
    preserveSymlinks: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'error',
  });
  await stop();
  for (const { name } of entries) writeFileSync(join(ROOT, folder, `${name}.ts`), '');
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
