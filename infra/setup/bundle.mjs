/**
 * Makes the bundle in `dist/`: the commands as plain JavaScript with all that they import, so that a start loads a few
 * files and compiles nothing. It takes an eighth of the processor time and half of the memory of a start by tsx. koffi
 * stays a package of its own, as it brings machine code, and werift, as few parts of it are used and none at the start.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildPage } from './page-bundle.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(ROOT, 'dist');
/** The call page's files. */
const PAGE = join(DIST, 'page');
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
const REQUIRE =
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
 * Makes the bundle anew. Two that do so at once write the same, each file in one step.
 *
 * @throws {Error} when a source cannot be compiled, esbuild is not there, or `dist/` cannot be written
 */
export async function bundle() {
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
    // What makes the page is needed where there are sources alone.
    external: ['koffi', 'werift', 'esbuild'],
    banner: { js: REQUIRE },
    preserveSymlinks: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const page = await buildPage();
  const own = Object.keys(metafile.inputs).filter((path) => !path.startsWith('node_modules/'));
  // In whole, the packages' versions stand in the lock file.
  const inputs = [...own, ...page.inputs, 'package-lock.json', 'infra/setup/bundle.mjs', 'infra/setup/page-bundle.mjs'];
  const stamps = Object.fromEntries(inputs.map((path) => [path, stampOf(path)]));
  mkdirSync(PAGE, { recursive: true });
  rmSync(INPUTS, { force: true });
  for (const { path, contents } of outputFiles) writeInOneStep(path, contents);
  for (const [path, { body }] of page.files) writeInOneStep(join(PAGE, path), body);
  writeInOneStep(INPUTS, JSON.stringify(stamps));
  dropOld(new Set([...outputFiles.map(({ path }) => basename(path)), basename(INPUTS), basename(PAGE)]));
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
 * packet path, so they are kept for a while.
 * @param {ReadonlySet<string>} names
 */
function dropOld(names) {
  for (const name of readdirSync(DIST)) {
    const path = join(DIST, name);
    const isOld = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > KEPT_MS;
    if (isOld && !names.has(name)) rmSync(path, { force: true });
  }
}

// By hand, and for a package: with nothing of older bundles.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  rmSync(DIST, { recursive: true, force: true });
  await bundle();
}
