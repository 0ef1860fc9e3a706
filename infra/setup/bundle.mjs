/**
 * Makes the bundle in `dist/`: the commands as plain JavaScript with all that they import, so that a start loads a few
 * files and compiles nothing. It takes an eighth of the processor time and half of the memory of a start by tsx. koffi
 * stays a package of its own, as it brings machine code, and werift, as few parts of it are used and none at the start.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildPage, PAGES } from './page-bundle.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(ROOT, 'dist');
/** Of pages the files have names of their own: there is one version of each. */
const PAGE_FILES = join(DIST, 'page');
const PAGE_NAMES = /** @type {(keyof typeof PAGES)[]} */ (Object.keys(PAGES));
/** From which files the bundle was made. */
const INPUTS = join(DIST, 'inputs.json');

/** How long parts of older bundles are kept: a day, longer than a call. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** Each of these is started by its name: by node, or as a thread. */
const ENTRIES = {
  rpr: 'actors/rpr.ts',
  'shared-server-guard': 'infra/nats/shared-server-guard.ts',
  'thread-entry': 'infra/path/batched/thread-start.js',
};

/** Packages that are CommonJS call `require` for node's own modules. */
export const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);";

/**
 * A file as it was: any change of its text changes one of the two.
 * @param {string} path below the project's root
 */
function stampOf(path) {
  const { mtimeMs, size } = statSync(join(ROOT, path));
  return `${mtimeMs} ${size}`;
}

/** Does the bundle hold what the sources say now? */
export function isFresh() {
  try {
    const stamps = JSON.parse(readFileSync(INPUTS, 'utf8'));
    return Object.entries(stamps).every(([path, stamp]) => stampOf(path) === stamp);
  } catch {
    // No bundle, one that was cut short, or a source that is gone.
    return false;
  }
}

/**
 * Makes the bundle anew. Two that do so at once write the same, each file in one step, and last from what it was made.
 *
 * @param {number} keptMs how long parts of older bundles are kept
 * @throws {Error} when a source cannot be compiled, esbuild is not there, or `dist/` cannot be written
 */
export async function bundle(keptMs = KEPT_MS) {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outdir: DIST,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // What makes the pages is needed where there are sources alone.
    external: ['koffi', 'werift', 'esbuild'],
    banner: { js: REQUIRE },
    preserveSymlinks: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const pages = await Promise.all(PAGE_NAMES.map(buildPage));
  const read = [...Object.keys(metafile.inputs), ...pages.flatMap(({ inputs }) => inputs)];
  const own = [...new Set(read)].filter((path) => !path.startsWith('node_modules/'));
  // In whole, the packages' versions stand in the lock file.
  const inputs = [...own, 'package-lock.json', 'infra/setup/bundle.mjs', 'infra/setup/page-bundle.mjs'];
  const stamps = Object.fromEntries(inputs.map((path) => [path, stampOf(path)]));
  mkdirSync(PAGE_FILES, { recursive: true });
  for (const { path, contents } of outputFiles) writeInOneStep(path, contents);
  for (const { files } of pages) {
    for (const [path, { body }] of files) writeInOneStep(join(PAGE_FILES, path), body);
  }
  writeInOneStep(INPUTS, JSON.stringify(stamps));
  dropOld(DIST, [...outputFiles.map(({ path }) => path), INPUTS, PAGE_FILES], keptMs);
  const pageFiles = pages.flatMap(({ files }) => [...files.keys()]);
  dropOld(PAGE_FILES, pageFiles, keptMs);
}

/**
 * @param {string} path
 * @param {string | Uint8Array} contents
 */
function writeInOneStep(path, contents) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

/**
 * Parts of older bundles have other names. A peer that was started from them may still load one, such as the batched
 * packet path, so they are kept for a while. What another bundler is writing just now has a name of its own, too.
 * @param {string} folder
 * @param {readonly string[]} files of this bundle
 * @param {number} keptMs
 */
function dropOld(folder, files, keptMs) {
  const own = new Set(files.map((path) => basename(path)));
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isDraft = /\.\d+$/.test(name);
    const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (!own.has(name) && ageMs > (isDraft ? KEPT_MS : keptMs)) rmSync(path, { force: true });
  }
}

// By hand, and for a package: with nothing of older bundles, and at no moment without a bundle, as peers may start.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundle(-1);
