/**
 * Which test files share a process. To load AVA takes longer than most tests, so those that await nothing, and so are done when they
 * return, run together, some of a folder at a time; and so do those that await something, one test after the other. Their titles name
 * their files as if each ran alone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What runs longer than a start takes, or waits for programs and servers: a process each, for all cores. */
const LONG = /^test\/(?:planning|infra|integration|mutants|scenarios|simulation\/(?:[^/]+$|hostile))/;
/** What starts programs, changes what all in a process share, or has an order of its own. */
const NEEDS_ITS_OWN = /\bprocess\.|\bglobalThis\b|\bnode:child_process\b|\btest\.(?:before|after|serial)\b/;
const AWAITS = /\basync\b/;
/** So many, or AVA would hear nothing of a process for too long. */
const MOST_TOGETHER = 10;

/**
 * @typedef {object} Entry
 * @property {string} name below the project's root, without its ending
 * @property {readonly string[]} files test files; where there are several, each title is to begin with its file's name
 * @property {boolean} inTurn one test after the other: what one awaits is not to wait for another's work
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
    .sort()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
  const needsItsOwn = (/** @type {{ file: string, text: string }} */ { file, text }) =>
    LONG.test(file) || NEEDS_ITS_OWN.test(text);
  const alone = files
    .filter(needsItsOwn)
    .map(({ file }) => ({ name: withoutEnding(file), files: [file], inTurn: false }));
  const others = files.filter((each) => !needsItsOwn(each));
  const folders = [...new Set(others.map(({ file }) => dirname(file)))];
  return [
    ...alone,
    ...folders.flatMap((folder) => {
      const of = others.filter(({ file }) => dirname(file) === folder);
      const awaiting = of.filter(({ text }) => AWAITS.test(text));
      const done = of.filter(({ text }) => !AWAITS.test(text));
      return [...together(folder, done, false), ...together(`${folder}-in-turn`, awaiting, true)];
    }),
  ];
}

/**
 * @param {string} place what each process is named for
 * @param {readonly { file: string }[]} files
 * @param {boolean} inTurn
 * @returns {Entry[]}
 */
function together(place, files, inTurn) {
  const count = Math.ceil(files.length / MOST_TOGETHER);
  return Array.from({ length: count }, (_, part) => ({
    name: `${place}${part === 0 ? '' : `-${part + 1}`}.test`,
    files: files.slice(part * MOST_TOGETHER, (part + 1) * MOST_TOGETHER).map(({ file }) => file),
    inTurn,
  })).map((entry) => (entry.files.length > 1 ? entry : { ...entry, name: withoutEnding(entry.files[0] ?? '') }));
}

/** @param {string} file */
function withoutEnding(file) {
  return file.replace(/\.ts$/, '');
}

/** @param {string} file */
export function nameOf(file) {
  return basename(file, '.test.ts');
}
