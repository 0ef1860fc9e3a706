/**
 * Runs before every npm script, so that a fresh machine with nothing but Node and npm needs no other command. It
 * installs the packages of package-lock.json unless they are there, and reports on standard error only: standard output
 * belongs to the script. Plain JavaScript of Node alone, because nothing else may be there yet.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Held by the process that installs. Two terminals may start at the same moment. */
const LOCK = join(ROOT, '.rpr', 'install.lock');
const LOCK_POLL_MS = 200;

/** @typedef {{version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean}} LockedPackage */

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * @param {string} path
 * @returns {unknown} the parsed file, or undefined when it is missing or cut short
 */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The packages of a lock file by folder.
 * @param {string} path
 * @returns {Map<string, LockedPackage>}
 */
function packagesOf(path) {
  const lock = readJson(path);
  const known = typeof lock === 'object' && lock !== null && 'packages' in lock ? lock.packages : undefined;
  return new Map(typeof known === 'object' && known !== null ? Object.entries(known) : []);
}

/**
 * Is every package of the lock file installed in its version? npm keeps the list of what it installed; packages for
 * other systems are optional and rightly missing there.
 */
function isInstalled() {
  const wanted = packagesOf(join(ROOT, 'package-lock.json'));
  const present = packagesOf(join(ROOT, 'node_modules', '.package-lock.json'));
  for (const [folder, { version, optional, devOptional }] of wanted) {
    if (folder === '') continue;
    const there = present.get(folder);
    if (there === undefined ? !(optional || devOptional) : there.version !== version) return false;
  }
  return true;
}

/** Ends with one clear line on a Node that is too old, instead of a syntax error somewhere in a package. */
function checkNode() {
  const manifest = /** @type {{engines?: {node?: string}} | undefined} */ (readJson(join(ROOT, 'package.json')));
  const [wantedMajor = 0, wantedMinor = 0] = (manifest?.engines?.node ?? '').replace('>=', '').split('.').map(Number);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  say(
    `RPR needs Node ${wantedMajor}.${wantedMinor} or newer; this is ${process.versions.node}. See https://nodejs.org`,
  );
  process.exit(1);
}

function install() {
  say('Installing packages …');
  // Scripts of packages are not needed: what we use comes compiled. Both kinds of packages are, whatever NODE_ENV says.
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
  ];
  const npm = process.env.npm_execpath;
  const [program, prefix] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const { status, error } = spawnSync(program, [...prefix, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  say(
    `Installing packages failed${error ? `: ${error.message}` : ''}. Once the cause is mended, try again or run: npm ci`,
  );
  process.exitCode = 1;
}

/** Takes the lock away from a process that died with it. */
function dropAbandonedLock() {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0);
  } catch (error) {
    // ESRCH: no such process. Anything else, such as a lock released by now, is not ours to mend.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') rmSync(LOCK, { force: true });
  }
}

/**
 * Does `work` while no other process does it.
 * @param {() => void} work
 */
function exclusively(work) {
  mkdirSync(join(LOCK, '..'), { recursive: true });
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS);
      dropAbandonedLock();
    }
  }
  try {
    work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

checkNode();
if (!isInstalled()) {
  exclusively(() => {
    // Whoever held the lock before us may have done the work.
    if (!isInstalled()) install();
  });
}
