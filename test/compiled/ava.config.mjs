/**
 * How `npm test` runs all tests: compiled beforehand, in one go. Each test file has a process of its own, and by tsx each would load
 * and compile some hundred modules anew, which took more processor time than the tests. A single file is run by tsx all the same:
 * `npx ava FILE`, as package.json tells.
 */
import { readFileSync } from 'node:fs';
import { compileTests } from './compile.mjs';

/** @type {{ ava: { files: string[] } }} */
const { ava } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const folder = await compileTests(ava.files.filter((pattern) => !pattern.startsWith('!')));

export default {
  ...ava,
  // AVA calls `require` for these, which load.mjs answers.
  extensions: ['ts'],
  nodeArguments: [],
  require: [['./test/compiled/load.mjs', folder]],
};
