/**
 * Which test files share a process. To load AVA takes longer than most tests, so those that await nothing, and so are done when they
 * return, run together, some of a folder at a time. Their titles name their files as if each ran alone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What runs longer than a start takes: a process each, for all cores. */
const LONG = /^test\/(?:planning|simulation)\//;
/** What waits for something, or changes what all in a process share. */
const NEEDS_ITS_OWN = /\basync\b|\bprocess\.|\bglobalThis\b/;
/** So many, or AVA would hear nothing of a process for too long. */
const MOST_TOGETHER = 10;

/**
 * @typedef {object} Entry
 * @property {string} name below the project's root, without its ending
 * @property {readonly string[]} files test files; where there are several, each title is to begin with its file's name
 */

/**
 * @param {string} root the project's
 * @param {readonly string[]} excluded folders below it whose tests are not for here
 * @returns {Entry[]}
 */
export function entriesOf(root, excluded) {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.test.ts') && !excluded.some((folder) => file.startsWith(`${folder}/`)))
    .sort();
  const needsItsOwn = (/** @type {string} */ file) =>
    LONG.test(file) || NEEDS_ITS_OWN.test(readFileSync(join(root, file), 'utf8'));
  const alone = files.filter(needsItsOwn).map((file) => ({ name: file.replace(/\.ts$/, ''), files: [file] }));
  const others = files.filter((file) => !needsItsOwn(file));
  const folders = [...new Set(others.map((file) => dirname(file)))];
  return [
    ...alone,
    ...folders.flatMap((folder) =>
      together(
        folder,
        others.filter((file) => dirname(file) === folder),
      ),
    ),
  ];
}

/**
 * @param {string} folder
 * @param {readonly string[]} files
 * @returns {Entry[]} named for the folder
 */
function together(folder, files) {
  const count = Math.ceil(files.length / MOST_TOGETHER);
  return Array.from({ length: count }, (_, part) => ({
    name: `${folder}${part === 0 ? '' : `-${part + 1}`}.test`,
    files: files.slice(part * MOST_TOGETHER, (part + 1) * MOST_TOGETHER),
  }));
}

/** @param {string} file */
export function nameOf(file) {
  return basename(file, '.test.ts');
}
