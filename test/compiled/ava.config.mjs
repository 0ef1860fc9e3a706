/**
 * How `npm test` runs all tests: compiled beforehand, in one go, and those that start no program some to a process. By tsx each file would
 * load and compile some hundred modules anew, which took more processor time than the tests. A single file is run by tsx all the same:
 * `npx ava FILE`, as package.json tells.
 */
import { readFileSync } from 'node:fs';
import { compileTests } from './compile.mjs';

/** @type {{ ava: { files: string[] } }} */
const { ava } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const excluded = ava.files.flatMap((pattern) => /^!(?<folder>.+)\/\*\*$/.exec(pattern)?.groups?.folder ?? []);
const folder = await compileTests(excluded);

export default {
  ...ava,
  files: [`${folder}/test/**/*.test.ts`],
  extensions: ['ts'],
  // Most of what the planner and the simulator make is gone at once: with more room for it, less is looked through and copied.
  nodeArguments: ['--max-semi-space-size=64'],
  require: ['./test/compiled/load.mjs'],
};
